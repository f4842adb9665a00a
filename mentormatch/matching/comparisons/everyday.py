"""Words that nearly everybody writes in a profile: sharing them says nothing about a match."""

from __future__ import annotations

_ENGLISH = (
    "want like hope wish use used really lot thing people year month week day hour minute time good new make made "
    "know knew learn work job company student university life way talk help question would could one two three "
    "first love enjoy start think thought ask bring brought see seen saw look keep kept get got give given go "
    "went gone come came take took taken find found feel felt tell told say said put set let leave left call try "
    "tried need turn move show shown hear heard hold held begin began stand sit lose lost pay meet met include "
    "change follow stop speak spoke read grow grew open buy wait send expect stay fall cut reach remain fit "
    "happen live become became mean meant seem believe remember understand understood write wrote written spend "
    "spent carry decide end finish great small big large old young long short high low early late own right wrong "
    "real true whole able better best worst different same next last few little many much other such only easy "
    "hard ready sure free full clear simple hand part place case point group number fact room house home side "
    "kind head eye word name story man woman child children world problem person family friend money morning "
    "evening night office colleague team class today tomorrow yesterday always never often still already almost "
    "enough maybe everything something nothing anything everyone someone anyone don ve ll re isn doesn didn won "
    "ago actually especially probably together away back around outside inside without within japan japanese does "
    "did done doing"
)
_JAPANESE = (
    "私 僕 人 方 今 年 月 日 週 時 話 事 気 目 手 前 後 中 上 下 何 間 所 者 的 性 分 回 度 一 二 三 四 五 六 七 "
    "八 九 十 本 物 例 声 頃 次 他 力 数 点 形 先 元 全 約 朝 夜 春 夏 秋 冬 母 父 兄 姉 弟 妹 祖母 祖父 両親 "
    "友人 友達 家族 仕事 自分 会社 大学 学生 入社 卒業 経験 本当 最初 最近 今年 去年 毎日 普段 必要 大切 担当 "
    "年目 先輩 後輩 社会 社員 企業 学部 学科 学年 言葉 世界 意味 全部 大事 現在 今回 一番 一緒 一人 二人 相談 "
    "質問 方法 時間 場合 場所 興味 関心 理由 将来 週末 今度 インターン メンター プログラム 正直 一日 一度 両方 "
    "実際 結果 機関 手続 日本 日本語 相手 普通 自身 以上 以外 全体 部分 最後 次回 毎週 毎月 午前 午後 平日 実感"
)
_KATAKANA_ENDINGS = "ーショ ション ーシン ィング リング テーシ ケーシ"

EVERYDAY_ENGLISH = frozenset(_ENGLISH.split())
"""Beside grammar, which scikit-learn lists."""

EVERYDAY_JAPANESE = frozenset(f"{_JAPANESE} {_KATAKANA_ENDINGS}".split())
"""Words, and n-grams of the endings that many katakana words share."""
