"""English words that say a person's gender, in pairs, and common first names: what `gender_swap` exchanges.

Written for this library; the idea of pairs, and what a list should cover, from Zhao et al. 2018 ("Gender Bias in
Coreference Resolution") and Bolukbasi et al. 2016. Names are common ones of English-speaking countries and some beyond.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

_PAIRS = """
man woman|men women|boy girl|boys girls|guy gal|guys gals|gentleman lady|gentlemen ladies|gent lady|gents ladies
lad lass|lads lasses|male female|males females|masculine feminine|masculinity femininity|manhood womanhood
manly womanly|boyhood girlhood|boyish girlish|father mother|fathers mothers|dad mom|dads moms|daddy mommy
daddies mommies|dad mum|dads mums|daddy mummy|papa mama|fatherhood motherhood|fatherly motherly|paternal maternal
paternity maternity|fatherless motherless|son daughter|sons daughters|brother sister|brothers sisters|bro sis
brotherhood sisterhood|brotherly sisterly|uncle aunt|uncles aunts|uncle auntie|nephew niece|nephews nieces
husband wife|husbands wives|hubby wifey|boyfriend girlfriend|boyfriends girlfriends|fiancé fiancée|fiance fiancee
groom bride|grooms brides|bridegroom bride|widower widow|widowers widows|grandfather grandmother
grandfathers grandmothers|grandpa grandma|grandpas grandmas|granddad grandma|grandson granddaughter
grandsons granddaughters|godfather godmother|godfathers godmothers|godson goddaughter|stepfather stepmother
stepfathers stepmothers|stepdad stepmom|stepson stepdaughter|stepsons stepdaughters|stepbrother stepsister
stepbrothers stepsisters|househusband housewife|househusbands housewives|schoolboy schoolgirl
schoolboys schoolgirls|cowboy cowgirl|cowboys cowgirls|choirboy choirgirl|busboy busgirl
king queen|kings queens|prince princess|princes princesses|duke duchess|dukes duchesses|emperor empress
emperors empresses|baron baroness|barons baronesses|lord lady|landlord landlady|landlords landladies|heir heiress
heirs heiresses|hero heroine|heroes heroines|actor actress|actors actresses|waiter waitress|waiters waitresses
steward stewardess|stewards stewardesses|headmaster headmistress|headmasters headmistresses|sorcerer sorceress
enchanter enchantress|priest priestess|priests priestesses|wizard witch|wizards witches|monk nun|monks nuns
abbot abbess|patriarch matriarch|patriarchs matriarchs|patriarchal matriarchal|patriarchy matriarchy
masseur masseuse|masseurs masseuses|bachelor bachelorette|bachelors bachelorettes|fraternity sorority
fraternities sororities|sir madam|sir ma'am|adulterer adulteress|adulterers adulteresses|tsar tsarina|czar czarina
viscount viscountess|fella gal|fellas gals
"""
_MAN_WOMAN = (
    "air anchor assembly bar business camera chair clergy congress council country crafts door fire fisher horse jury "
    "kins lay mail marks noble oars police repair sales sea service spokes sports states stunt swords trades weather "
    "yachts"
)

TITLES = {"mr": "ms", "mister": "miss", "sir": "dame"}
"""Male titles before a name, with the female ones; `mrs`, `ms` and `miss` all become `mr`."""

BOUND = frozenset(
    """pregnant pregnancy pregnancies menstruation menstrual menstruating menopause menopausal uterus uterine ovary
    ovaries ovarian vagina vaginal vulva clitoris cervix cervical placenta breastfeed breastfeeding breastfed lactating
    miscarriage miscarried caesarean hysterectomy obgyn gynecologist gynaecologist gynecology gynaecology endometriosis
    prostate testicle testicles testicular testes testosterone penis penile erectile erection sperm semen vasectomy
    scrotum foreskin ejaculation""".split()
)
"""Words of one sex's body: a text with one of them has no counterpart."""

_MALE = """
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony donald
steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric
jonathan stephen larry justin scott brandon benjamin samuel gregory alexander patrick raymond jerry dennis
tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold keith roger noah gerald
carl arthur lawrence sean bruce joe alan juan albert jesse bryan billy philip bobby vincent eugene liam louis oliver
harry josh jerome leroy darnell jamel alonzo alphonse torrance malik terrence lamar mohammed ahmed omar ali carlos
luis miguel pedro diego hans fritz pierre jacques luca marco ivan boris raj amit wei hiroshi kenji tom jim bob mike
steve dave tim ben sam dan tony greg fred ted simon martin hugh ian graham colin nigel stuart neil craig derek
""".split()
_FEMALE = """
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley
kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen
amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet
catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan evelyn judith
megan andrea cheryl hannah jacqueline martha gloria teresa ann sara madison frances kathryn janice jean alice
courtney melanie katie betsy kristin ellen nichelle shereen ebony latisha shaniqua tanisha lakisha latoya fatima
aisha layla carmen lucia isabel rosa ingrid greta claire sophie chiara giulia olga natasha priya anjali mei yuki
keiko jane kate liz sue beth meg kim peggy sally wendy fiona gillian moira tracy audrey bridget charlene denise
elaine felicia gwen harriet irene jill alison becky caroline doris esther gail
""".split()
WORDLIKE_NAMES = frozenset(
    """frank jack mark will bill grant drew chase max rob art dick pat rich guy earl duke dean christian austin dallas
    jordan jackson washington lincoln grace hope faith joy rose lily daisy ivy iris amber crystal ruby pearl jasmine
    ginger may april june summer autumn dawn eve charlotte florence sydney paris virginia georgia carolina victoria
    madison jersey kelly ashley rosa gloria jean harry bob josh rob scott carol tracy ebony tia leroy peter tom jerry
    wei ali mei tony""".split()
)
"""First names that are also words, places or family names: swapped only where a person is plainly meant."""
_WORDLIKE_MALE = "frank jack mark will bill max".split()
_WORDLIKE_FEMALE = "grace jasmine rose joy tia charlotte".split()


class GenderWords(NamedTuple):
    """Words and names by gender; all in lower case.

    Attributes:
        to_female: for a word of men the one of women; of pronouns only those that have one counterpart.
        to_male: the other way.
        male_names: first names of men.
        female_names: first names of women; the n-th is the partner of the n-th of men.
        names: both.
    """

    to_female: dict[str, str]
    to_male: dict[str, str]
    male_names: tuple[str, ...]
    female_names: tuple[str, ...]
    names: frozenset[str]


@cache
def gender_words() -> GenderWords:
    """The lists, read once.

    Example:
        >>> words = gender_words()
        >>> words.to_female["uncle"], words.to_male["policewomen"], words.to_female["he"]
        ('aunt', 'policemen', 'she')
    """
    pairs = [tuple(pair.split()) for line in _PAIRS.strip().split("\n") for pair in line.split("|")]
    for stem in _MAN_WOMAN.split():
        pairs += [(f"{stem}man", f"{stem}woman"), (f"{stem}men", f"{stem}women")]
    pairs += [("he", "she"), ("himself", "herself")]
    to_female: dict[str, str] = {}
    to_male: dict[str, str] = {}
    for male, female in pairs:
        to_female.setdefault(male, female)
        to_male.setdefault(female, male)
    men, women = (*_MALE, *_WORDLIKE_MALE), (*_FEMALE, *_WORDLIKE_FEMALE)
    return GenderWords(to_female, to_male, men, women, frozenset((*men, *women)))
