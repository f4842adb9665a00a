"""Fields, trades and skills under their Japanese and English names, so that people meet across languages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

CONCEPTS: tuple[tuple[str, ...], ...] = (
    # -- computing and data
    ("artificial intelligence", "AI", "人工知能"),
    ("generative AI", "生成AI"),
    ("machine learning", "ML", "機械学習"),
    ("deep learning", "深層学習", "ディープラーニング"),
    ("data analysis", "data analytics", "データ分析", "データ解析"),
    ("data science", "データサイエンス"),
    ("statistics", "統計", "統計学"),
    ("programming", "coding", "プログラミング"),
    ("software development", "software engineering", "ソフトウェア開発", "ソフトウェアエンジニアリング"),
    ("web development", "Web開発", "ウェブ開発"),
    ("app development", "アプリ開発"),
    ("cloud*", "cloud computing", "クラウド", "クラウドコンピューティング"),
    ("security*", "cybersecurity", "information security", "セキュリティ", "情報セキュリティ", "サイバーセキュリティ"),
    ("IT", "information technology", "情報技術", "情報通信", "IT業界"),
    ("robotics", "ロボット", "ロボティクス", "ロボット工学"),
    ("electronics", "電子工学", "エレクトロニクス"),
    ("games*", "gaming", "game development", "ゲーム", "ゲーム開発"),
    ("digital transformation", "DX", "デジタルトランスフォーメーション"),
    # -- work in a company
    ("marketing", "マーケティング"),
    ("advertising", "広告"),
    ("public relations", "PR*", "広報"),
    ("sales*", "営業"),
    ("human resources", "HR", "人事"),
    ("recruiting", "recruitment*", "hiring*", "採用"),
    ("accounting", "会計", "経理"),
    ("law*", "legal*", "法律", "法務", "法学"),
    ("consulting", "コンサルティング", "コンサル"),
    ("strategy*", "business strategy", "戦略", "経営戦略"),
    ("management*", "business administration", "経営", "経営学", "マネジメント"),
    ("project management", "プロジェクトマネジメント", "プロジェクト管理"),
    ("product management", "プロダクトマネジメント"),
    ("planning*", "企画"),
    ("product development", "商品開発", "製品開発"),
    ("research and development", "R&D", "研究開発"),
    ("supply chain", "サプライチェーン"),
    ("entrepreneurship", "startup", "start-up", "startups", "起業", "スタートアップ", "ベンチャー"),
    ("leadership", "リーダーシップ"),
    ("negotiation", "交渉"),
    ("presentation", "presenting", "presentations", "プレゼンテーション", "プレゼン"),
    ("public speaking", "スピーチ"),
    ("communication*", "コミュニケーション"),
    ("writing*", "ライティング", "文章作成", "文章力"),
    ("facilitation", "ファシリテーション"),
    ("teamwork", "チームワーク"),
    ("career planning", "career design", "キャリアデザイン", "キャリア形成", "キャリア設計"),
    ("job hunting", "job search", "job hunt", "就職活動", "就活"),
    ("graduate school", "大学院", "大学院進学"),
    ("work-life balance", "ワークライフバランス"),
    # -- industries
    ("finance", "金融", "ファイナンス"),
    ("banking", "bank*", "銀行"),
    ("insurance", "保険"),
    ("trading*", "trading company", "general trading", "商社", "総合商社"),
    ("manufacturing", "製造", "製造業", "メーカー", "ものづくり"),
    ("automotive", "automobile", "cars*", "自動車"),
    ("logistics", "物流", "ロジスティクス"),
    ("transport", "transportation", "交通", "運輸", "鉄道"),
    ("retail", "小売", "小売業", "流通"),
    ("food*", "食品", "食*"),
    ("agriculture", "farming", "農業", "農学"),
    ("tourism", "travel", "travel industry", "観光", "旅行", "旅行業"),
    ("hospitality", "hotels", "ホテル", "ホスピタリティ"),
    ("construction", "建設", "建設業"),
    ("architecture", "建築", "建築学"),
    ("real estate", "property*", "不動産"),
    ("energy*", "エネルギー"),
    ("environment", "environmental", "環境", "環境問題"),
    ("sustainability", "SDGs", "サステナビリティ", "持続可能性"),
    ("chemistry", "chemicals", "化学"),
    ("materials*", "materials science", "素材", "材料", "材料工学"),
    ("mechanical engineering", "機械工学"),
    ("civil engineering", "土木", "土木工学"),
    ("urban planning", "city planning", "都市計画", "まちづくり", "街づくり"),
    ("aerospace", "space*", "宇宙", "航空宇宙", "航空"),
    ("medicine", "medical", "医療", "医学"),
    ("pharmaceuticals", "pharma", "製薬", "医薬品"),
    ("nursing", "看護"),
    ("care*", "social welfare", "welfare*", "介護", "福祉"),
    ("biotechnology", "biotech", "バイオ", "バイオテクノロジー"),
    ("education", "teaching*", "教育"),
    ("publishing", "出版"),
    ("media*", "mass media", "メディア", "マスコミ"),
    ("journalism", "ジャーナリズム", "報道"),
    ("entertainment", "エンターテインメント", "エンタメ"),
    ("fashion", "apparel", "ファッション", "アパレル"),
    ("cosmetics", "beauty*", "化粧品", "美容"),
    ("telecommunications", "telecom", "通信"),
    ("government", "public sector", "civil service", "公務員", "行政", "官公庁"),
    ("non-profit", "nonprofit", "NPO", "NGO"),
    ("international cooperation", "international development", "国際協力", "国際開発"),
    ("economics", "経済", "経済学"),
    ("psychology", "心理学"),
    ("mathematics", "maths", "math", "数学"),
    ("physics", "物理", "物理学"),
    # -- making, languages, leisure
    ("design*", "デザイン"),
    ("UX", "user experience", "UXデザイン", "UX design", "ユーザー体験"),
    ("UI", "user interface", "UIデザイン", "UI design"),
    ("user research", "UX research", "UXリサーチ", "ユーザーリサーチ", "ユーザー調査"),
    ("survey design", "surveys", "アンケート設計", "アンケート調査"),
    ("video*", "video production", "filmmaking", "動画制作", "映像制作", "動画", "映像"),
    ("English*", "英語", "英会話"),
    ("Japanese*", "日本語*"),
    ("Chinese*", "中国語"),
    ("Korean*", "韓国語"),
    ("translation", "翻訳"),
    ("study abroad", "studying abroad", "留学"),
    ("working abroad", "overseas work", "海外勤務", "海外で働く", "海外駐在"),
    ("volunteering", "volunteer work", "ボランティア"),
    ("diversity", "diversity and inclusion", "D&I", "ダイバーシティ"),
    ("reading*", "books*", "読書"),
    ("music*", "音楽"),
    ("films*", "movies", "cinema", "film*", "映画"),
    ("photography", "写真"),
    ("cooking*", "料理"),
    ("baking", "お菓子作り"),
    ("cafes", "coffee*", "カフェ", "カフェ巡り", "コーヒー"),
    ("sports*", "スポーツ"),
    ("soccer", "football", "サッカー"),
    ("baseball", "野球"),
    ("basketball", "バスケットボール", "バスケ"),
    ("tennis", "テニス"),
    ("running*", "marathon", "jogging", "ランニング", "マラソン"),
    ("hiking", "mountaineering", "mountain climbing", "登山", "ハイキング"),
    ("cycling", "サイクリング", "自転車"),
    ("swimming", "水泳"),
    ("camping", "キャンプ"),
    ("art*", "museums", "アート", "美術", "美術館巡り"),
    ("anime", "アニメ"),
    ("manga", "comics", "漫画", "マンガ"),
    ("tea ceremony", "茶道"),
    ("calligraphy", "書道"),
)
"""Each line is one concept; its first name is its key. Names in capitals only are abbreviations. A star marks an
everyday word, which names its concept when it is a whole tag, but not within a sentence."""

_WHOLE_ONLY = "*"
_KANJI = re.compile(r"[\u3400-\u9fff々]")
_KANA = re.compile(r"[ァ-ヺー]")
_FINAL_BAR = re.compile(r"(?<=[ァ-ヺー][ァ-ヺ])ー(?![ァ-ヺー])")


def short_spelling(text: str) -> str:
    """Return `text` without the final ー of katakana words, which people write or leave out: コンピュータ(ー)."""
    return _FINAL_BAR.sub("", text)


def _by_name() -> dict[str, str]:
    names = (
        (name.removesuffix(_WHOLE_ONLY), names[0].removesuffix(_WHOLE_ONLY)) for names in CONCEPTS for name in names
    )
    return {short_spelling(name.lower()): key for name, key in names}


def _by_start() -> dict[str, tuple[str, ...]]:
    """Return the names that count within a text by their first two characters in lower case, longest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for names in CONCEPTS:
        for name in names:
            if not name.endswith(_WHOLE_ONLY):
                found[name[:2].lower()].append(short_spelling(name))
    return {start: tuple(sorted(names, key=len, reverse=True)) for start, names in found.items()}


_KEYS = _by_name()
_STARTS = _by_start()


def _script(character: str) -> str:
    if _KANJI.match(character):
        return "kanji"
    if _KANA.match(character):
        return "katakana"
    return "latin" if character.isascii() and character.isalnum() else "other"


def _torn_out(text: str, start: int, end: int) -> bool:
    """Whether the name at ``start:end`` is torn out of a longer word: 人事 in 個人事業, or AI in "retail"."""
    before = start > 0 and _script(text[start - 1]) == _script(text[start]) != "other"
    after = end < len(text) and _script(text[end - 1]) == _script(text[end]) != "other"
    return before or after if _script(text[start]) == "latin" else before and after


def concept_named(name: str) -> str | None:
    """Return the key of the concept that is called exactly `name` (any case), or None."""
    return _KEYS.get(short_spelling(name.lower()))


def concepts_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (key, start, end) of the concepts that `text` (NFKC) names as words of their own, in order.

    Abbreviations count in capitals only: "it" is seldom information technology. An abbreviation within a longer
    Latin word never counts, nor does a Japanese name torn out of the middle of a longer compound.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a few letters have a lower case of two characters
        lower = text
    position = 0
    while position < len(text):
        name = _name_at(text, lower, position)
        end = position + len(name)
        if name:
            end += text[end : end + 1] == "ー"
            yield _KEYS[name.lower()], position, end
        position = end if name else position + 1


def _name_at(text: str, lower: str, start: int) -> str:
    """Return the longest name that stands here, or nothing."""
    for name in _STARTS.get(lower[start : start + 2], ()):
        end = start + len(name)
        written = text[start:end] if name.isupper() else lower[start:end]
        if written == (name if name.isupper() else name.lower()):
            bar = text[end : end + 1] == "ー" and _script(name[-1]) == "katakana"
            if not _torn_out(text, start, end + bar):
                return name
    return ""
