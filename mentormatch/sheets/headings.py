"""The names that real spreadsheets give to our fields, besides the labels themselves."""

from __future__ import annotations

from types import MappingProxyType


def _names(table: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in table.split("|"))


HEADINGS = MappingProxyType(
    {
        "email": _names(
            """
            mail | e-mail | email address | e-mail address | mail address | eメール | メール | メアド |
            連絡先メール | 連絡先メールアドレス | 大学メール | 大学メールアドレス | 学内メール |
            メールアドレス（大学） | 電子メール | 電子メールアドレス | Eメールアドレス | メールアドレス1 |
            PCメール | PCメールアドレス | university email | school email | work email | contact email |
            your email | email 1 | username | 会社メール | 会社メールアドレス | 勤務先メール |
            勤務先メールアドレス | 連絡用メール | 連絡用メールアドレス
            """
        ),
        "full_name": _names(
            """
            name | 名前 | お名前 | 氏名 | 姓名 | 氏名（漢字） | 漢字氏名 | 氏名漢字 | 学生氏名 | 学生名 |
            社員名 | 社員氏名 | your name | student name | mentor name | participant | participant name |
            メンター名 | メンター氏名 | インターン氏名 | 卒業生氏名 | 氏　名 | ご氏名 | 参加者氏名 | 参加者名 |
            担当者名 | name in full
            """
        ),
        "family_name": _names(
            """
            last name | surname | family | 苗字 | 名字 | 氏 | 姓 | 姓（漢字） | 氏名（姓） | 氏名 姓 | 漢字姓 |
            お名前 姓 | name family | name last | name surname | last | 姓 漢字
            """
        ),
        "given_name": _names(
            """
            first name | forename | given | 名 | 名（漢字） | 氏名（名） | 氏名 名 | 漢字名 | お名前 名 |
            name given | name first | first | first names | 名 漢字 | 下の名前
            """
        ),
        "full_kana": _names(
            """
            kana | furigana | ふりがな | 氏名カナ | カナ氏名 | 氏名（カナ） | ヨミ | よみがな | 読み |
            読み仮名 | カナ | 氏名（フリガナ） | 氏名ふりがな | 氏名（かな） | name (kana) | name kana |
            full name kana | 姓名カナ | 氏名ヨミ | 氏名（全角カナ） | 氏名（半角カナ） | 半角カナ | 全角カナ |
            名前（カナ） | お名前（カナ） | 名前（ふりがな） | お名前（ふりがな） | お名前（フリガナ） |
            名前ふりがな | reading | name reading | phonetic name
            """
        ),
        "family_kana": _names(
            """
            セイ | 姓カナ | 姓（カナ） | 姓ヨミ | カナ姓 | カナ セイ | フリガナ姓 | フリガナ セイ |
            フリガナ 氏 | ヨミ姓 | 姓（ふりがな） | 氏（カナ） | 氏名カナ（姓） | 氏名カナ セイ |
            苗字（カナ） | last name kana | family name kana | カナ氏 | セイ（カナ） | セイ（フリガナ） |
            フリガナ（セイ） | フリガナ（姓） | カナ（姓） | kana last name | kana family |
            last name (furigana) | family name (furigana) | surname kana | kana family name
            """
        ),
        "given_kana": _names(
            """
            メイ | 名カナ | カナ名 | 名（カナ） | 名ヨミ | カナ メイ | フリガナ名 | フリガナ メイ | ヨミ名 |
            名（ふりがな） | 氏名カナ（名） | 氏名カナ メイ | first name kana | given name kana |
            メイ（カナ） | メイ（フリガナ） | フリガナ（メイ） | フリガナ（名） | カナ（名） |
            kana first name | kana given | first name (furigana) | given name (furigana) | kana given name
            """
        ),
        "romaji": _names(
            """
            romaji | ローマ字 | ローマ字氏名 | 氏名ローマ字 | 英字氏名 | 氏名（英字） | 氏名英字 |
            name (english) | 英語表記 | 英語氏名 | 氏名（英語） | 氏名（アルファベット） | アルファベット |
            english name | name in english | roman name | name (romaji) | name in romaji |
            name (roman letters) | name in roman letters | パスポート表記 | latin name | 氏名（英語表記） |
            お名前（ローマ字） | 名前（ローマ字）
            """
        ),
        "preferred_name": _names(
            """
            preferred name | nickname | 呼び名 | ニックネーム | 呼ばれたい名前 | 通称 | 呼称 |
            what should we call you | あだ名 | 通称名 | known as | goes by
            """
        ),
        "language": _names(
            """
            preferred language | message language | 案内言語 | 表示言語 | 連絡言語 | contact language |
            連絡の言語 | language of contact | mail language | メールの言語 | 希望連絡言語 |
            communication language | 希望言語
            """
        ),
        "role": _names(
            """
            type | participant type | 役割 | 参加区分 | 種別 | ロール | 参加形態 | 立場 | 対象 | 参加者区分 |
            属性 | category | participation | mentor/intern | メンター/インターン | user type | 参加種別
            """
        ),
        "number": _names(
            """
            student number | student no | student id | staff number | employee id | employee number | id |
            id number | 学籍番号 | 学生番号 | 社員番号 | 職員番号 | 学生証番号 | 学生ID | 社員ID | 管理番号 |
            登録番号 | 会員番号 | 学修番号 | 学籍No | 社員No | student no. | emp id | matriculation number |
            registration number | 校友番号
            """
        ),
        "capacity": _names(
            """
            capacity | max interns | max mentees | slots | maximum | max | number of interns |
            mentee capacity | 担当可能人数 | 受入人数 | 受入れ人数 | 受入可能人数 | 受け入れ可能人数 |
            受け入れ枠 | 受入枠 | 定員 | 上限人数 | 最大人数 | 担当人数 | 対応可能人数 | 人数 | 枠数 |
            最大担当人数 | how many interns | how many students | 担当人数上限 | メンティー数 |
            担当可能な人数 | capacity (interns) | places available | no. of interns | max. interns
            """
        ),
        "minimum": _names(
            """
            minimum | min interns | min mentees | 最低人数 | 下限人数 | 最小人数 | 最小担当人数 |
            担当人数下限 | min
            """
        ),
        "faculty": _names(
            """
            school | department | college | 学部・研究科 | 研究科 | 所属学部 | 出身学部 | faculty/school |
            学部名 | 学部／研究科 | 学部・研究科名 | 学部（研究科） | 学群 | 学域 | 学府 |
            faculty / graduate school | 卒業学部 | 学部・学科 | 学部学科 | 所属学部・研究科 |
            faculty/department | school/faculty | 学院
            """
        ),
        "year": _names(
            """
            grade | year | school year | 回生 | 年次 | academic year | year level | 学年・課程 | 現在の学年 |
            課程・学年 | 学年（2027年4月時点） | current year | class year
            """
        ),
        "studies": _names(
            """
            major | studies | research topic | 専攻 | 研究テーマ | ゼミ・研究 | 専門 | 学科 | 研究内容 | ゼミ |
            研究室 | subject | field of study | course of study | 専攻・研究テーマ | 専攻・コース |
            学科・専攻 | コース | 専攻分野 | 学んでいる内容 | thesis | thesis topic | course | degree |
            卒論テーマ | 大学での専攻 | 学科・コース
            """
        ),
        "host_company": _names(
            """
            host company | placement | インターン先 | 受入企業 | 派遣先 | 実習先 | 実習先企業 |
            インターンシップ先 | 受入先 | internship host | host organisation | host organization |
            派遣先企業 | 受け入れ企業 | 受入先企業 | 研修先
            """
        ),
        "supervisor": _names(
            """
            supervisor | supervisor email | 上司メール | 指導担当 | 上司 | 上司のメール | 指導担当者 |
            上司メールアドレス | supervisor e-mail | 指導担当者メール | 指導員メール | 受入担当者メール |
            manager email | line manager
            """
        ),
        "organisation": _names(
            """
            company | employer | organization | 会社 | 会社名 | 企業名 | 所属 | 勤務先企業 | 所属企業 |
            勤務先名 | company name | 勤務先会社名 | 現在の勤務先 | 所属先 | 所属会社 | affiliation |
            workplace | 現勤務先 | 団体名 | organisation name | organization name | current employer |
            会社・団体名 | 勤務先・所属 | 企業・団体名
            """
        ),
        "position": _names(
            """
            title | job title | role title | 部署・役職 | 役職 | 職種 | 肩書き | 肩書 | 部署 | 所属部署 |
            部署名 | 役職名 | job | occupation | current position | 部署／役職 | 担当業務 | 業務内容 |
            仕事内容 | 職務 | division | 職位 | 所属部署・役職 | 現在の職種 | profession | current role |
            team | function
            """
        ),
        "graduation_year": _names(
            """
            graduated | class of | 卒業年度 | 卒年 | 卒業年月 | graduation | year graduated | 卒業年次 |
            卒業（年） | year of graduation | grad year | 卒業西暦 | 卒業年（西暦） | 卒業 | graduation date |
            卒業時期
            """
        ),
        "career": _names(
            """
            career | career history | 経歴 | 職歴 | キャリア | 略歴 | 職務経歴 | 経歴・職歴 |
            これまでのキャリア | work history | work experience | experience | employment history | resume |
            キャリアパス | プロフィール・経歴
            """
        ),
        "goals": _names(
            """
            goal | goals | objective | objectives | 目標・目的 | 参加目的 | 志望動機 | プログラムで得たいこと |
            目的 | 参加理由 | 参加動機 | 応募理由 | 応募動機 | 達成したいこと | motivation |
            reason for applying | 得たいこと | what do you want to achieve | プログラムの目標 |
            インターンシップの目標 | learning objectives | 目標・抱負
            """
        ),
        "vision": _names(
            """
            vision | future | キャリアビジョン | 将来の夢 | 将来の目標 | 10年後 | 将来の希望 | キャリアプラン |
            進路希望 | career goal | career goals | career vision | long-term goal | dream | 夢 |
            将来やりたいこと | career aspirations
            """
        ),
        "industries": _names(
            """
            industry | industries | field | fields | interest areas | 業界 | 分野 | 志望業界 | 希望分野 |
            専門分野 | 興味のある業界 | 希望業界 | 業種 | 志望業種 | 興味のある分野 | 関心分野 | 業界・職種 |
            志望業界・職種 | 希望業種 | target industry | industries of interest | fields of interest |
            areas of interest | field of interest | 業種・業界 | 関心のある業界 | 興味分野 | sector | sectors |
            desired industry | 希望業界・分野 | 所属業界
            """
        ),
        "wants": _names(
            """
            wants | want to learn | learning goals | 身につけたいこと | 相談したいこと | 伸ばしたいスキル |
            教わりたいこと | 学びたい分野 | 知りたいこと | メンターに期待すること | 相談内容 | 相談したい内容 |
            topics of interest | help wanted | what you want to learn | what do you want to learn |
            looking for | 習得したいスキル | 希望する支援 | 相談テーマ | メンターに相談したいこと |
            skills to learn | would like to learn
            """
        ),
        "offers": _names(
            """
            offers | can help with | expertise | 教えられること | 相談に乗れること | 得意分野 |
            提供できること | 支援できること | アドバイスできること | 対応可能な相談 | 対応可能テーマ |
            相談に乗れるテーマ | areas of expertise | can offer | can teach | what i can offer |
            what can you offer | mentoring topics | 話せること | 話せるテーマ | 相談可能な内容 | 指導可能分野
            """
        ),
        "skills": _names(
            """
            skill | skills | スキル・資格 | 資格 | 得意なこと | 保有スキル | 保有資格 | 資格・スキル | 技術 |
            特技 | 強み | strengths | qualifications | certifications | skill set | skillset | 取得資格 |
            スキルセット | 免許・資格
            """
        ),
        "interests": _names(
            """
            interests | hobbies | 興味 | 趣味 | 関心 | 興味関心 | 興味・関心 | 趣味・特技 | hobby |
            hobbies and interests | hobbies & interests | 好きなこと | 趣味・興味 | 関心事 |
            personal interests
            """
        ),
        "languages": _names(
            """
            language | languages | spoken languages | 言語 | 語学 | 対応言語 | 語学力 | 話せる言語 | 使用言語 |
            対応可能言語 | language skills | languages spoken | 言語・レベル | 外国語 | 語学レベル |
            言語レベル | 使用可能言語 | 語学スキル | working languages | language proficiency |
            使用できる言語 | 面談可能な言語
            """
        ),
        "questions": _names(
            """
            questions | 質問 | 質問したいこと | 聞きたいこと | メンターへの質問 | 質問事項 |
            questions for mentor | your questions
            """
        ),
        "self_introduction": _names(
            """
            introduction | bio | about | about me | 自己紹介 | 自己PR | プロフィール | ひとこと | 一言 |
            自己紹介文 | biography | self-introduction | self introduction | profile | 一言メッセージ |
            自己アピール | short bio | 紹介文 | 自己ＰＲ | メッセージ | 学生へのメッセージ |
            introduce yourself | personal statement | コメント | self pr
            """
        ),
        "conversation_style": _names(
            """
            meeting style | conversation style | 面談スタイル | 面談方法 | 進め方 | 面談形式 | 話し方 |
            希望の進め方 | mentoring style | communication style | 面談の進め方 | preferred style |
            preferred format | 実施方法 | 面談手段
            """
        ),
        "boundaries": _names(
            """
            boundaries | off limits | 避けたい話題 | NG話題 | 話したくないこと | 話題にしたくないこと |
            NGな話題 | topics to avoid | 触れてほしくない話題 | ng | NG事項 | 避けてほしい話題 |
            topics off limits
            """
        ),
        "place": _names(
            """
            place | city | location | 勤務地 | 居住地 | 場所 | エリア | 面談場所 | 都道府県 | 居住エリア |
            所在地 | region | prefecture | area | base | based in | 希望エリア | 希望地域 | 活動地域 |
            居住都道府県 | キャンパス | campus
            """
        ),
        "free_time": _names(
            """
            availability | available | free time | 曜日 | 面談可能日 | 面談可能時間 | 希望時間帯 |
            都合のよい時間 | available times | 面談可能日時 | 面談可能曜日 | 面談可能曜日・時間 |
            対応可能時間 | 対応可能時間帯 | 対応可能日時 | 希望日時 | 可能な日時 | 面談希望日時 | 希望曜日 |
            都合の良い時間 | 都合の良い曜日 | 都合の良い日時 | 空いている時間 | 参加可能時間 | 曜日・時間帯 |
            available hours | when are you available | preferred times | times | time slots | schedule |
            面談可能な時間帯 | 対応可能曜日 | 面談可能な曜日・時間帯 | 参加可能曜日 | 都合のつく時間 | days |
            days and times | 対応可能な曜日・時間
            """
        ),
    }
)
"""Field key → names of its column, as typed; `heading_keys.key` makes them comparable."""

OTHERS = _names(
    """
    保護者 | 緊急 | 推薦者 | 担当教員 | 指導教員 | 電話 | 携帯 | 住所 | 郵便 | 生年月日 | 性別 | 同意 | 年齢 |
    口座 | 国籍 | 本籍 | 備考 | タイムスタンプ | 確認用 | パスワード | guardian | emergency | phone | birth |
    gender | consent | address line | postal | zip code | timestamp | confirm | password | nationality |
    referee | remarks | 大学名 | university name | 出身校
    """
)
"""Words of headings that are about something else, however much the rest of the heading looks like a field of ours."""

PROBLEM_HEADING = "エラー / Problem"
"""The column that we add to a sheet of broken rows, and do not read when the sheet comes back."""
