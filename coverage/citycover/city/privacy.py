"""What is masked at the door: phones, network addresses and logins inside texts, and owners who are natural persons."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

PERSON = "个人"
MASK = "***"
_SECRETS = re.compile(
    "|".join(
        (
            r"[a-z]{2,6}://\S+",
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
            r"(?<!\d)(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\d.])",
            r"(?<![0-9a-f])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])",
            r"(?<![0-9a-f:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{0,4}",
            r"(?<![0-9a-f])[0-9a-f]{0,4}(?::[0-9a-f]{1,4}){0,4}::(?:[0-9a-f]{1,4}:?){1,5}",
            r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)",
            r"(?<!\d)\d{17}[\dx](?![\dx])",
            r"(?<!\d)\(?0\d{1,3}\)?[- ]\d{3,4}[- ]?\d{4}(?!\d)",
            r"(?<!\d)0\d{9,11}(?!\d)",
            r"(?:电话|手机|tel|phone)\s*[:：]?\s*[\d+() -]{6,}",
            r"(?:用户名|账号|帐号|密码|口令|密钥|username|user|password|passwd|pwd|admin)\s*[:：=/为是]\s*\S+",
            r"(?:联系人|负责人|责任人|管理员|经办人|户主|姓名)\s*[:：]?\s*[\u4e00-\u9fff·]{2,4}",
            r"(?<![a-z])admin\s*/\s*\S+",
            r"端口\s*[:：]?\s*\d+",
        )
    ),
    re.IGNORECASE,
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔"
    "伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙"
    "鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬"
)
_COMPOUND = "欧阳|司马|上官|诸葛|皇甫|尉迟|令狐|慕容|夏侯|公孙"
_ORGANISATION = (
    "局院校司店厂所部会委办队处站馆园村镇乡街区市县省府物业银行集团社组室科超酒宾网学库场楼铁电水气桥路巷湾城厦广苑庭"
    "庙寺府邮运轨航港储仓政公企业机关团委监管控控股协联军警检法税财农林牧渔矿能源科技研教卫药"
)
_PERSON = re.compile(rf"^(?:[{_SURNAMES}]|{_COMPOUND})[^\W\d_{_ORGANISATION}a-zA-Z]{{1,2}}$|^\w{{1,6}}·\w{{1,10}}$")
_SAID = re.compile(r"先生$|女士$|^个人|个人$|^自然人|个体|居民自装|村民|^业主[^委大]{2,4}$")


def mask(texts: pd.Series) -> pd.Series:
    """Return texts in which phones, network and e-mail addresses, id-card numbers, logins and contacts are ``***``.

    >>> mask(pd.Series(["人民路1号 13812345678", "172.16.0.9:8000 admin/12345"])).tolist()
    ['人民路1号 ***', '*** ***']
    """
    clean = {text: _SECRETS.sub(MASK, text) for text in texts.dropna().unique()}
    return texts.astype(object).map(clean).astype("str") if clean else texts.astype("str")


def holds_address(ids: pd.Series) -> pd.Series:
    """Return where an id is an address of a device, a login or a mobile phone; null counts as no.

    >>> holds_address(pd.Series(["10.1.2.3", "13812345678", "SX-0012", "0123456789"])).tolist()
    [True, True, False, False]
    """
    pattern = r"://|@|(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}|^1[3-9]\d{9}$"
    return ids.str.contains(pattern, na=False, regex=True)


def holds_secret(texts: pd.Series) -> pd.Series:
    """Return where :func:`mask` would change a text; null counts as no."""
    return (mask(texts) != texts) & texts.notna()


def hide_persons(owners: pd.Series) -> tuple[pd.Series, npt.NDArray[np.bool_]]:
    """Return the owners with natural persons as 个人, and where they are persons.

    A person is two to four characters that begin with a common Chinese surname and hold no word of an organisation, a
    name with an interpunct, or who is said to be one (先生, 女士, 个人, 个体, 村民). A phone behind a name is no cover.

    >>> hide_persons(pd.Series(["王小明", "王府井百货公司", "李四 13800000000", None]))[1].tolist()
    [True, False, True, False]
    """
    bare = mask(owners).str.replace(r"[\s*()（）,，]+", "", regex=True)
    person = (bare.str.match(_PERSON, na=False) | bare.str.contains(_SAID, na=False)).to_numpy(dtype=bool)
    return mask(owners).mask(person, PERSON), person
