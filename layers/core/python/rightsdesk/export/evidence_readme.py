"""What `README.txt` of the evidence of a case says, in English and Japanese, to whoever is given it."""

_TEXT = """\
Evidence of request {reference}
===============================

This is the history of one closed privacy request: what was done, when, by whom, and by which rules. It holds ids,
codes, dates and digests, and no data of the person who asked.

  case.json        the request: rights, laws, dates, outcome, counts
  certificate.json what was erased and what stays, in numbers; null where nothing was to be erased
  events.jsonl     every event, one a line; each holds the hash of the one before it
  decisions.json   what was decided about each field, with the rule, its source and the version of its text
  letters.json     which letters went out, to which recipient of the data, and what became of each; of what they said, a
                   digest alone
  manifest.json    the digest of each file, and the last event of the history
  manifest.sig     the signature over manifest.json: ECDSA on P-256 with SHA-256, in DER, as base64
  public_key.pem   the key to check it with

How to check it with Rightsdesk, offline:

  rightsdesk evidence verify {reference}_evidence.zip --key public.pem

How to check it without Rightsdesk, in this folder:

  openssl base64 -d -A -in manifest.sig -out manifest.der
  openssl dgst -sha256 -verify public_key.pem -signature manifest.der manifest.json
  openssl dgst -sha256 case.json certificate.json decisions.json events.jsonl letters.json public_key.pem README.txt

The second command must say "Verified OK", and the third must give the digests that stand in manifest.json.

The key in this folder proves only that nothing was changed since it was signed. Who signed it is proven by a key that
comes another way: ask the shop for its public key, and compare, or check with that one.

`hash` of an event is the SHA-256 of its line without `hash`. With jq, for the first line:

  head -n 1 events.jsonl | jq -cjS 'del(.hash)' | openssl dgst -sha256

`decisions_sha256` of an event is the SHA-256 of the decisions as they stood then:

  jq -cjS .decisions decisions.json | openssl dgst -sha256

`certificate_sha256` of the event `erased` is the SHA-256 of the certificate:

  jq -cjS .certificate certificate.json | openssl dgst -sha256

`sha256` of a letter shows whether a copy of a mail is that letter. It is over what was written and a salt, which stands
in the mail alone (header X-Letter-Salt): without a copy nobody can find out by trying names what was written. Export
the mail itself, with all headers:

  rightsdesk evidence verify {reference}_evidence.zip --key public.pem --letter mail.eml

Or by hand, with the salt, the subject, and a file of the plain text, its lines without spaces at their ends:

  printf '%s\\n%s\\n%s' "$SALT" "$SUBJECT" "$(cat text.txt)" | openssl dgst -sha256

It covers subject and plain text, not the address and not the HTML, which says the same. It is null where none was
noted.


請求 {reference} の証拠
===============================

これは、終了した個人情報の請求一件の記録です。いつ、誰が、どの規則に基づいて、何をしたかを示します。
識別子、コード、日付、ハッシュ値だけを含み、請求したご本人の情報は含みません。

  case.json        請求：権利、法律、日付、結果、件数
  certificate.json 消去したものと保存しているものの件数。消去の請求でなければ null
  events.jsonl     すべての出来事。一行に一つ。それぞれが直前の出来事のハッシュ値を持つ
  decisions.json   各項目についての決定。規則、その出典、条文の版
  letters.json     送付した通知とその結果、データの提供先への通知ではその提供先。内容は含まず、そのハッシュ値だけを含む
  manifest.json    各ファイルのハッシュ値と、記録の最後の出来事
  manifest.sig     manifest.json に対する署名（ECDSA P-256、SHA-256、DER形式をbase64にしたもの）
  public_key.pem   署名を確かめるための公開鍵

Rightsdesk で確かめる方法（ネットワーク不要）：

  rightsdesk evidence verify {reference}_evidence.zip --key public.pem

Rightsdesk を使わずに、このフォルダーで確かめる方法：

  openssl base64 -d -A -in manifest.sig -out manifest.der
  openssl dgst -sha256 -verify public_key.pem -signature manifest.der manifest.json
  openssl dgst -sha256 case.json certificate.json decisions.json events.jsonl letters.json public_key.pem README.txt

二つ目のコマンドが「Verified OK」と表示し、三つ目のコマンドの値が manifest.json の値と一致すれば、正しいものです。

このフォルダーの鍵で分かるのは、署名の後に変更がないことだけです。誰が署名したかは、別の経路で受け取った鍵で確かめます。
ショップに公開鍵を求め、見比べるか、その鍵で確かめてください。

出来事の hash は、その行から hash を除いたもののSHA-256です。一行目をjqで確かめる方法：

  head -n 1 events.jsonl | jq -cjS 'del(.hash)' | openssl dgst -sha256

出来事の decisions_sha256 は、その時点の決定のSHA-256です：

  jq -cjS .decisions decisions.json | openssl dgst -sha256

出来事 erased の certificate_sha256 は、証明書のSHA-256です：

  jq -cjS .certificate certificate.json | openssl dgst -sha256

通知の sha256 で、手元のメールがその通知であるかを確かめられます。これは本文とソルトから作った値で、ソルトはメールの中
（ヘッダー X-Letter-Salt）にしかありません。メールがなければ、名前を試しても内容は分かりません。すべてのヘッダーを含む
元のメールを書き出してください。

  rightsdesk evidence verify {reference}_evidence.zip --key public.pem --letter mail.eml

手作業では、ソルト、件名、行末の空白を除いたテキスト本文のファイルから：

  printf '%s\\n%s\\n%s' "$SALT" "$SUBJECT" "$(cat text.txt)" | openssl dgst -sha256

対象は件名とテキスト本文で、宛先とHTML（内容は同じ）は含みません。記録がないものは null です。
"""


def evidence_readme(reference: str) -> str:
    """The text, UTF-8 to be, with lines of Unix."""
    return _TEXT.format(reference=reference)
