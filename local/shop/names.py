"""What the people of the sample shop are made of: names, places, furniture. All invented."""

from typing import NamedTuple


class Place(NamedTuple):
    postcode: str
    region: str
    city: str
    street: str


class Country(NamedTuple):
    """Where members live. `weight` is how many in a hundred."""

    code: str
    language: str
    weight: int
    dialling: str
    domain: str
    families: tuple[str, ...]
    givens: tuple[str, ...]
    places: tuple[Place, ...]


JAPANESE_FAMILIES = (  # written, kana, Latin
    ("佐藤", "サトウ", "sato"),
    ("鈴木", "スズキ", "suzuki"),
    ("高橋", "タカハシ", "takahashi"),
    ("田中", "タナカ", "tanaka"),
    ("伊藤", "イトウ", "ito"),
    ("渡邉", "ワタナベ", "watanabe"),
    ("髙木", "タカギ", "takagi"),
    ("山﨑", "ヤマサキ", "yamasaki"),
    ("小林", "コバヤシ", "kobayashi"),
    ("中村", "ナカムラ", "nakamura"),
    ("齋藤", "サイトウ", "saito"),
    ("森", "モリ", "mori"),
)
JAPANESE_GIVENS = (
    ("花子", "ハナコ", "hanako"),
    ("蓮", "レン", "ren"),
    ("愛子", "アイコ", "aiko"),
    ("陽翔", "ハルト", "haruto"),
    ("結衣", "ユイ", "yui"),
    ("健太", "ケンタ", "kenta"),
    ("さくら", "サクラ", "sakura"),
    ("大輔", "ダイスケ", "daisuke"),
    ("美咲", "ミサキ", "misaki"),
    ("翔太", "ショウタ", "shota"),
)

JAPAN = Country(
    "JP",
    "ja",
    55,
    "+81",
    "example.jp",
    (),
    (),
    (
        Place("150-0001", "東京都", "渋谷区", "神宮前1-2-3"),
        Place("530-0001", "大阪府", "大阪市北区", "梅田3-1-1 雲ビル4階"),
        Place("604-8005", "京都府", "京都市中京区", "三条通河原町東入"),
        Place("060-0042", "北海道", "札幌市中央区", "大通西4-1"),
        Place("810-0001", "福岡県", "福岡市中央区", "天神2-5-55"),
        Place("920-0961", "石川県", "金沢市", "香林坊2-1-1"),
    ),
)
COUNTRIES = (
    JAPAN,
    Country(
        "DE",
        "de",
        12,
        "+49",
        "example.de",
        ("Schneider", "Müller", "Weiß", "Krüger", "Hoffmann"),
        ("Maria", "Jürgen", "Anna", "Lukas", "Zoë"),
        (
            Place("10115", "Berlin", "Berlin", "Invalidenstraße 12"),
            Place("20095", "Hamburg", "Hamburg", "Mönckebergstraße 7"),
        ),
    ),
    Country(
        "FR",
        "fr",
        10,
        "+33",
        "example.fr",
        ("Lefèvre", "Martin", "Dubois", "Nguyen"),
        ("Chloé", "Hélène", "Luc", "Noël"),
        (
            Place("75011", "Île-de-France", "Paris", "18 rue de la Roquette"),
            Place("69002", "Auvergne-Rhône-Alpes", "Lyon", "4 place Bellecour"),
        ),
    ),
    Country(
        "NL",
        "nl",
        6,
        "+31",
        "example.nl",
        ("de Vries", "Jansen", "van den Berg"),
        ("Sanne", "Daan", "Femke"),
        (Place("1017 AB", "Noord-Holland", "Amsterdam", "Keizersgracht 401"),),
    ),
    Country(
        "ES",
        "es",
        5,
        "+34",
        "example.es",
        ("García Núñez", "López", "Ibáñez"),
        ("Lucía", "Íñigo", "Carmen"),
        (Place("28004", "Comunidad de Madrid", "Madrid", "Calle de Fuencarral 88"),),
    ),
    Country(
        "IT",
        "it",
        4,
        "+39",
        "example.it",
        ("Rossi", "D'Angelo", "Conti"),
        ("Giulia", "Niccolò", "Marco"),
        (Place("20121", "Lombardia", "Milano", "Via Brera 10"),),
    ),
    Country(
        "IE",
        "en",
        4,
        "+353",
        "example.com",
        ("Murphy", "O'Brien", "Walsh"),
        ("Jane", "Sean", "Niamh"),
        (Place("D02 X285", "Leinster", "Dublin", "12 Dawson Street"),),
    ),
    Country(
        "GB",
        "en",
        4,
        "+44",
        "example.com",
        ("Smith", "Patel", "Evans"),
        ("Olivia", "Arjun", "Rhys"),
        (Place("EC1V 2NX", "London", "London", "41 City Road"),),
    ),
)

PRODUCTS = (  # article number, name, price in yen with tax
    ("KU-1001", "オーク ダイニングテーブル 160", 128000),
    ("KU-1002", "Oak dining table 160", 128000),
    ("KU-1103", "ラウンジチェア 雲", 98000),
    ("KU-1204", "Linen cushion, indigo", 4800),
    ("KU-1305", "杉の本棚 5段", 56000),
    ("KU-1406", "Paper lamp Tsuki", 12800),
    ("KU-1507", "陶器の花瓶 (白)", 7600),
    ("KU-1608", "Wool throw 140 x 200", 16800),
    ("KU-1709", "子ども用スツール", 9800),
    ("KU-1810", "Bed frame Hinoki, double", 186000),
    ("KU-1911", "カトラリー 4本組", 6400),
    ("KU-2012", "Wall shelf 90, walnut", 22000),
)
STAFF = ("榎本 直子", "Peter Haas", "松井 圭", "Amélie Roux")
PAGES = ("/", "/ja/chairs", "/ja/tables", "/en/lamps", "/en/sale", "/ja/cart", "/en/product/KU-1406", "/ja/mypage")
BROWSERS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/605.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/148.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Firefox/152.0",
)
INTERESTS = ("chairs", "tables", "lamps", "textiles", "garden")
SURVEY_QUESTIONS = {
    "ja": (("配送はいかがでしたか", "丁寧でした"), ("ご意見をお聞かせください", "椅子の高さが選べると嬉しいです")),
    "en": (("How was the delivery?", "Careful and on time"), ("Anything else?", "=more, lamps please")),
}
MESSAGES = {
    "ja": ("椅子の脚について", "お世話になっております。\n届いた椅子の脚が一本ぐらつきます。"),
    "en": ("Wobbly chair leg", "Hello,\none leg of the chair is loose. Could you send a new screw?"),
}
REPLIES = {
    "ja": "ご連絡ありがとうございます。\n部品をお送りいたします。",
    "en": "Thank you for telling us.\nA new part is on its way.",
}
