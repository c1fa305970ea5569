"""What may not be said where something is kept, and what may (GDPR 17(3))."""

import pytest

from rightsdesk.domain.erasure_claims import ALL_IS_GONE


@pytest.mark.parametrize(
    "text",
    [
        "everything was deleted",
        "We deleted all of your data completely.",
        "All your personal data have been erased.",
        "We erased all personal data.",
        "Your data were completely deleted.",
        "We deleted your data completely.",
        "ALL YOUR DATA IS GONE",
        "Your invoices are not yet due. Everything is erased.",
        "Every piece of information was removed.",
        "全データの消去が完了しました。",
        "お客様のデータはすべて削除しました。",
        "個人情報を完全に消去いたしました。",
    ],
)
def test_a_claim_that_all_is_gone_is_found(text: str) -> None:
    assert ALL_IS_GONE.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Not everything was deleted.",
        "We couldn't delete everything.",
        "We deleted everything except your invoices.",
        "None was kept.",
        "Your account was closed, and its wish lists were deleted.",
        "We deleted all newsletter data.",
        "All data in the newsletter list were deleted.",
        "すべてを消去したわけではありません。",
        "請求書を除き、すべて削除しました。",
        "ニュースレターの登録を削除しました。",
    ],
)
def test_what_is_true_may_be_said(text: str) -> None:
    assert not ALL_IS_GONE.search(text)
