"""Tables of the identifier schemes: how ids look, and where links carry them.

To support a new host, add one line here. `bot.domain.identifiers` and `bot.domain.doi` read the tables.
"""

from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    """Who assigns the identifier."""

    ARXIV = "arxiv"
    DOI = "doi"
    OPENREVIEW = "openreview"
    ACL = "acl"
    PMLR = "pmlr"
    PMC = "pmc"
    PMID = "pmid"
    HAL = "hal"


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern of links that carry an identifier.

    `hosts` matches the whole host, `place` the start of path and query. `value` is a template for the
    identifier, filled from the groups of `place`.
    """

    scheme: Scheme
    hosts: str
    place: str
    value: str = "{id}"


PAGES = {
    Scheme.ARXIV: "https://arxiv.org/abs/{}",
    Scheme.OPENREVIEW: "https://openreview.net/forum?id={}",
    Scheme.DOI: "https://doi.org/{}",
    Scheme.ACL: "https://aclanthology.org/{}",
    Scheme.PMLR: "https://proceedings.mlr.press/{}.html",
    Scheme.PMC: "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    Scheme.HAL: "https://hal.science/{}",
    Scheme.PMID: "https://pubmed.ncbi.nlm.nih.gov/{}/",
}
"""The page of a paper, by scheme. People are sent to the first one that the paper has."""

LETTERS = r"0-9A-Za-z\u00c0-\u058f"
WORD = f"{LETTERS}_"
"""Characters that join a word with an id beside them. Chinese or Thai ones do not."""

ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat"
    "|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th"
    "|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_MONTH = r"(?:0[1-9]|1[0-2])"
_SINCE_2015 = rf"(?:1[5-9]|[2-8]\d){_MONTH}\.\d{{5}}"
_2007_TO_2014 = rf"(?:070[4-9]|071[0-2]|(?:0[89]|1[0-4]){_MONTH})\.\d{{4}}"
_UNTIL_2007 = rf"(?:{ARCHIVES})(?:\.[a-z]{{2}})?/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}"
ARXIV_ID = rf"(?:{_SINCE_2015}|{_2007_TO_2014}|{_UNTIL_2007})(?:v\d{{1,3}})?(?!\d|[a-z]|\.\d)"
OPENREVIEW_ID = rf"[A-Za-z\d_-]{{6,40}}(?![{WORD}/-]|\.[{WORD}])"
ACL_ID = r"(?:[A-Z]\d\d-(?!\d000|\d\d00\b)\d{4}|\d{4}\.[a-z\d]+-[a-z\d_]+\.[1-9]\d{0,3})(?!\d)"
PMLR_ID = rf"[vr]\d{{1,4}}/[a-z][a-z'_-]*\d\d[a-z]{{0,3}}(?![{WORD}])"
HAL_ID = r"(?:hal|halshs|inria)-\d{8}(?!\d)"
_HAL_ID_THERE = r"(?P<id>[a-z][a-z\d]{1,9}-\d{8})(?!\d)"

_ARXIV_HOSTS = (
    r"(?:[a-z0-9-]+\.)*(?:arxiv\.org|ar5iv\.org|alphaxiv\.org|arxiv-vanity\.com)"
    r"|xxx\.(?:[a-z]+\.)+[a-z]{2,3}"
)
_ARXIV_PATHS = "abs|audio|bibtex|e-print|format|html|overview|papers|pdf|ps|resources|src|tb"
_ARXIV = rf"(?:arxiv:)?(?P<id>{ARXIV_ID})"
_DBLP = r"dblp\.(?:org|uni-trier\.de|dagstuhl\.de)"
_CORR = r"/rec/(?:[a-z]+\d?/)?journals/corr/"
_FORUM = r"(?:forum|pdf|attachment|revisions|notes|(?:references|notes(?:/edits)?)/(?:pdf|attachment))"
_HAL_HOSTS = (
    r"(?:[\w-]+\.)*(?:hal\.science|archives-ouvertes\.fr)|(?:hal|tel|theses)(?:-[\w-]+)?\.(?:[\w-]+\.)+\w+"
)
_NCBI = r"(?:www\.)?ncbi\.nlm\.nih\.gov"
_ENDS = r"(?=[/?#&.]|$)"
# Since November 2025 openRxiv also registers under 10.64898. Only older addresses are certain to be 10.1101.
_RXIV_ID = r"(?P<id>\d{6}|(?:2019|202[0-4])\.\d\d\.\d\d\.\d{6,8}|2025\.(?:0\d|10)\.\d\d\.\d{6,8})(?!\d)"
_ACL_WITH_DOI = (
    r"[DEKNPS]1[6-9]-(?![1-9]000)[1-4]\d{3}"
    r"|202\d\.(?:acl|emnlp|naacl|eacl)-(?:main|long|short|demos?|srw|industry|tutorials?|tutorial-abstracts)\.[1-9]\d*"
    r"|202\d\.findings-(?:acl|emnlp|naacl|eacl)\.[1-9]\d*|202\d\.conll-\d\.[1-9]\d*|2020\.coling-main\.[1-9]\d*"
)
_ACL_HOSTS = r"(?:www\.)?(?:aclanthology\.(?:org|info|coli\.uni-saarland\.de)|aclweb\.org)"
_ACL_PATH = r"(?:/anthology(?:-new)?)?(?:/(?:papers/|attachments/)?(?:[A-Z]/)?(?:[A-Z]\d\d)?)?/*"
_PREPRINTS = {
    "osf": "10.31219",
    "agrixiv": "10.31220",
    "arabixiv": "10.31221",
    "metaarxiv": "10.31222",
    "eartharxiv": "10.31223",
    "engrxiv": "10.31224",
    "lawarxiv": "10.31228",
    "lissa": "10.31229",
    "marxiv": "10.31230",
    "mindrxiv": "10.31231",
    "nutrixiv": "10.31232",
    "paleorxiv": "10.31233",
    "psyarxiv": "10.31234",
    "socarxiv": "10.31235",
    "sportrxiv": "10.31236",
    "thesiscommons": "10.31237",
    "africarxiv": "10.31730",
    "edarxiv": "10.35542",
    "biohackrxiv": "10.37044",
}
"""Preprint servers at OSF, with their DOI prefixes."""
_GUID = r"(?P<id>[a-z0-9]{5}(?:_v\d+)?)(?=[/?#]|$)"

SHAPES: tuple[Shape, ...] = (
    Shape(Scheme.ARXIV, _ARXIV_HOSTS, rf"(?:/[a-z]{{2}})?(?:/(?:{_ARXIV_PATHS}))?/{_ARXIV}"),
    Shape(Scheme.ARXIV, _ARXIV_HOSTS, rf"/(?:ftp|ps_cache)/arxiv/\w+/\d{{4}}/{_ARXIV}"),
    Shape(
        Scheme.ARXIV,
        _ARXIV_HOSTS,
        rf"/(?:ftp|ps_cache)/(?P<archive>{ARCHIVES})/\w+/\d{{4}}/(?P<number>\d{{7}})(?!\d)",
        "{archive}/{number}",
    ),
    Shape(
        Scheme.ARXIV, r"(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)", rf"/(?:api/)?papers/{_ARXIV}"
    ),
    Shape(Scheme.ARXIV, r"(?:www\.)?(?:semanticscholar\.org|scirate\.com|papers\.cool)", rf"/arxiv/{_ARXIV}"),
    Shape(Scheme.ARXIV, r"(?:www\.)?papers\.cool", rf"/arxiv/kimi\?paper={_ARXIV}"),
    Shape(Scheme.ARXIV, r"(?:www\.)?inspirehep\.net", rf"/(?:api/)?arxiv/{_ARXIV}"),
    Shape(Scheme.ARXIV, r"(?:www\.)?emergentmind\.com", rf"/papers/{_ARXIV}"),
    Shape(Scheme.ARXIV, r"front\.math\.ucdavis\.edu", rf"/{_ARXIV}"),
    Shape(Scheme.ARXIV, r"(?:ui\.)?adsabs\.harvard\.edu", rf"/abs/{_ARXIV}"),
    Shape(
        Scheme.ARXIV,
        r"(?:ui\.)?adsabs\.harvard\.edu",
        r"/abs/\d{4}arxiv(?P<month>\d{4})\.?(?P<number>\d{4,5})[a-z](?![a-z\d])",
        "{month}.{number}",
    ),
    Shape(Scheme.ARXIV, _DBLP, _CORR + r"abs-(?P<month>\d{4})-(?P<number>\d{4,5})(?!\d)", "{month}.{number}"),
    Shape(
        Scheme.ARXIV,
        _DBLP,
        _CORR + rf"(?:abs-)?(?P<archive>{ARCHIVES})(?:-[a-z]{{2}})?-(?P<number>\d{{7}})(?!\d)",
        "{archive}/{number}",
    ),
    Shape(
        Scheme.OPENREVIEW,
        r"(?:www\.|api2?\.)?openreview\.net",
        rf"/{_FORUM}/?\?(?:[^#]*?&)?id=(?P<id>{OPENREVIEW_ID})(?=[&#]|$)",
    ),
    Shape(
        Scheme.OPENREVIEW,
        r"api2?\.openreview\.net",
        rf"/notes\?(?:[^#]*?&)?forum=(?P<id>{OPENREVIEW_ID})(?=[&#]|$)",
    ),
    Shape(
        Scheme.DOI,
        r"(?:\w+\.)?ssrn\.com",
        r"/(?:[^#]*[?&/])?abstract(?:_?id)?[=/](?P<id>\d{3,9})(?!\d)",
        "10.2139/ssrn.{id}",
    ),
    Shape(
        Scheme.DOI,
        r"(?:www\.|connect\.)?(?:bio|med)rxiv\.org",
        rf"/(?:content/(?:(?:bio|med)rxiv/)?early/\d{{4}}/\d\d/\d\d|cgi/content/\w+)/{_RXIV_ID}",
        "10.1101/{id}",
    ),
    *(
        Shape(Scheme.DOI, r"(?:www\.)?osf\.io", f"/preprints/{name}/{_GUID}", prefix + "/osf.io/{id}")
        for name, prefix in _PREPRINTS.items()
    ),
    *(
        Shape(Scheme.DOI, rf"(?:www\.)?{name}\.(?:com|org)", f"/{_GUID}", _PREPRINTS[name] + "/osf.io/{id}")
        for name in ("psyarxiv", "edarxiv", "mindrxiv", "thesiscommons")
    ),
    Shape(Scheme.DOI, _ACL_HOSTS, rf"{_ACL_PATH}(?P<id>{_ACL_WITH_DOI})(?!\d)", "10.18653/v1/{id}"),
    Shape(Scheme.ACL, _ACL_HOSTS, rf"{_ACL_PATH}(?P<id>{ACL_ID})"),
    Shape(Scheme.PMLR, r"proceedings\.mlr\.press", rf"/(?P<id>{PMLR_ID})(?=[/.?#]|$)"),
    Shape(Scheme.PMLR, r"(?:www\.)?jmlr\.(?:org|csail\.mit\.edu)", rf"/proceedings/papers/(?P<id>{PMLR_ID})"),
    Shape(
        Scheme.PMLR,
        r"raw\.githubusercontent\.com",
        rf"/mlresearch/(?P<volume>[vr]\d{{1,4}})/\w+/assets/(?P<id>{PMLR_ID.partition('/')[2]})/",
        "{volume}/{id}",
    ),
    Shape(Scheme.PMID, r"(?:pubmed\.ncbi\.nlm\.nih|(?:www\.)?pubmed)\.gov", rf"/(?P<id>\d{{1,8}}){_ENDS}"),
    Shape(Scheme.PMID, _NCBI, rf"/(?:m/)?pubmed/(?P<id>\d{{1,8}}){_ENDS}"),
    Shape(Scheme.PMID, _NCBI, rf"/[^#]*[?&]list_uids=(?P<id>\d{{1,8}}){_ENDS}"),
    Shape(Scheme.PMID, r"(?:www\.)?europepmc\.org", rf"/(?:article|abstract)/med/(?P<id>\d{{1,8}}){_ENDS}"),
    Shape(Scheme.PMC, r"pmc\.ncbi\.nlm\.nih\.gov", r"/articles/(?:pmc)?(?P<id>\d{3,9})(?!\d)", "PMC{id}"),
    Shape(Scheme.PMC, _NCBI, r"/(?:labs/)?pmc/articles/(?:pmc)?(?P<id>\d{3,9})(?!\d)", "PMC{id}"),
    Shape(
        Scheme.PMC,
        r"(?:www\.)?europepmc\.org",
        r"/(?:articles?|abstract|backend/[\w.]+\?accid=)(?:/pmc)?/?pmc(?P<id>\d{3,9})(?!\d)",
        "PMC{id}",
    ),
    Shape(Scheme.HAL, _HAL_HOSTS, rf"(?:/[\w-]+)?/{_HAL_ID_THERE}"),
)
"""Tried in this order; the first match wins."""

ID_LIST = "id_list"
"""The query parameter of arXiv's API that lists the requested papers."""

_ONE_PART = """
    10.1001 10.1002 10.1007 10.1016 10.1017 10.1021 10.1038 10.1039 10.1056 10.1063 10.1073 10.1080 10.1098
    10.1101 10.1103 10.1109 10.1111 10.1116 10.1117 10.1119 10.1121 10.1126 10.1130 10.1137 10.1142 10.1145
    10.1146 10.1162 10.1175 10.1177 10.1186 10.1371 10.1515 10.1609 10.1613 10.2139 10.3389 10.3390 10.3758
    10.5281 10.7554 10.14778 10.21437 10.64898
"""
SUFFIX_PARTS = {**dict.fromkeys(_ONE_PART.split(), 1), "10.1093": 2}
"""By registrant prefix: how many parts, separated by slashes, the suffix of its DOIs has."""

DOI_TAILS = (
    "abstract|article-info|asset|citations?|citedby|cited-by|download|epdf|epub|export|figures?|full|full-text"
    "|full-text-html|full-text-pdf|fulltext|html|meta|metrics|pdf|pdfdirect|pdfplus|ppt|print|reader|references"
    "|reprints|similar|summary|suppinfo|suppl|suppl_file|supplementary|supplementary-material|supporting-info"
    "|tables?|xml"
)
"""Path segments that publishers put behind a DOI; more may follow."""

DOI_ENDINGS = (
    r"(?:\.(?:abstract|article-info|article-metrics|figures-only|full|full-text|long|short|supplementary-material))?"
    r"(?:\.(?:pdf(?:\+html)?|html?|xml|epub))?$"
)

LISTS_AT_PUBLISHERS = r"/(?:toc|loi|journal|journals/[a-z]+|series|book-series)/$"
"""Path segments before a DOI that names a journal or an issue."""

VOLUME_DOI = (
    r"10\.\d{4,9}/(?:(?:acprof:oso|oso|oxfordhb|med|actrade)/)?(?:cbo|b|isbn\.?)?97[89][\d-]{10,14}"
    r"(?:\.(?:001\.0001))?|10\.1016/c20\d\d-\d-\d{5}-\w|10\.18653/v1/(?:\d{4}\.[a-z\d]+-[a-z]+|[a-z]\d\d-\d{1,2})"
    r"|10\.4230/lipics\.[a-z-]+\.\d{4}"
)
"""DOIs of books and proceedings. Those of their chapters and papers are longer."""

TRACKING = (
    r"utm_\w+|[a-z]{0,2}clid|fbclid|gclsrc|dclid|g?braid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|mc_[ce]id"
    r"|igsh(?:id)?|ref_(?:src|url)|_hs(?:enc|mi)|mkt_tok|oly_(?:anon|enc)_id|vero_(?:id|conv)|_g[al]|epik|trk"
    r"|at_(?:medium|campaign)|__twitter_impression|guccounter|guce_\w+|wt\.mc_\w+|hss_channel|s_cid|xtor|spm"
)
"""Query parameters that track visitors and do not change the page."""
