"""German."""

from __future__ import annotations

from parley.core.words.table import Words

NAMES_OF_NUMBERS = (
    "eins zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf dreizehn vierzehn fuenfzehn sechzehn"
    " siebzehn achtzehn neunzehn zwanzig einundzwanzig zweiundzwanzig dreiundzwanzig"
)
STEMS = "erst zweit dritt viert fuenft sechst siebt acht neunt zehnt elft zwoelft"
DAYS = "montag dienstag mittwoch donnerstag freitag samstag sonntag"
MONTHS = "januar februar maerz april mai juni juli august september oktober november dezember"

WORDS = Words(
    plain=(
        "bitte | am besten | am liebsten | nur | also | dann | bis dann | bis bald | bis dahin | ich freue mich"
        " | wir freuen uns | freue mich | wunschtermin | mein wunschtermin"
        " | meine wahl ist | nun | da"
        " | :) | :-) | ;) | ;-) | 🙂 | 😊 | 👍 | ✅ | ✔ | ✔️"
    ),
    thanks=(
        "danke | vielen dank | dank | danke dir | danke euch | danke ihnen | merci | danke schoen | dankeschoen"
        " | besten dank | herzlichen dank | danke sehr | tausend dank"
    ),
    thanked_for=(
        "fuer die einladung | fuer deine einladung | fuer ihre einladung | fuer die vorschlaege"
        " | fuer die terminvorschlaege | fuer die termine | fuer die mail | fuer ihre mail | fuer deine mail"
        " | fuer die e-mail | fuer ihre e-mail | fuer deine e-mail | fuer die email | fuer ihre email"
        " | fuer deine email | fuer die nachricht | fuer ihre nachricht | fuer deine nachricht | fuer die info"
        " | fuer die anfrage | fuer ihre anfrage | fuer deine anfrage | fuer die rueckmeldung"
        " | fuer die organisation | fuers organisieren | fuer das organisieren"
    ),
    assent=(
        "ist frei | waere frei | ja | jawohl | jo | klar | ok | okay | sehr | sehr gut | bestens"
        " | alles klar | einverstanden | gern"
        " | gerne | sehr gern | sehr gerne | natuerlich | auf jeden fall | auf alle faelle | kein problem"
        " | gar kein problem | definitiv | unbedingt | genau | das passt | das passt mir | das passt gut"
        " | das passt mir gut | moeglich | verfuegbar | recht | waere gut | klingt gut | klingt super"
        " | klingt prima | hoert sich gut an | in ordnung | am besten passt | am besten passen | am besten waere"
        " | am besten geht | am liebsten waere | am liebsten waere mir | da kann ich | da koennen wir | da passt es"
        " | da geht es | da ginge es | da bin ich frei | da bin ich dabei | haut hin"
    ),
    remarks=(
        "einen schoenen tag | schoenen tag | schoenen tag noch | schoenen abend | schoenen abend noch"
        " | schoenes wochenende | schoenen feierabend | schoene woche | gut | super | prima | perfekt"
        " | toll | wunderbar | ideal | fein | schoen | schoenen | hervorragend"
        " | es ist | es wird | es ist nur | es ist also | es ist erst"
    ),
    uncertain="nicht sicher | noch nicht | nicht so sicher | nicht nur | noch nicht sicher | nur eins | alle sind"
    " | alle koennen | jeder kann",
    also="auch | ebenfalls | ebenso",
    subjects="ich | wir | es | lass uns | lassen sie uns",
    datives="mir | uns | mich | fuer mich | fuer uns | bei mir | bei uns",
    verbs=(
        "nehme | nehmen | nehm | bevorzuge | bevorzugen | moechte | moechten | haette | wuerde | wuerden"
        " | machen wir | entscheide mich fuer | entscheiden uns fuer | bin fuer | sind fuer | stimme fuer"
    ),
    decisions="waehle | waehlen | bestaetige | bestaetigen | bestaetigt | buche",
    asking=(
        "passt | passen | geht | ginge | gehen | kann | koennen | waere | klappt | funktioniert | steht | gefaellt"
        " | bin ich frei | sind wir frei | bin ich dabei | sind wir dabei | habe ich zeit | haben wir zeit"
        " | haette ich zeit | haetten wir zeit"
    ),
    being="ist | sind | wird",
    articles="der | die | das | den | dem | des",
    on="am | an dem | fuer",
    at="um",
    until="bis",
    since="von",
    conjunctions="und | oder | & | sowie",
    negations="nicht | unmoeglich",
    instead="statt | anstatt | anstelle von",
    contrasts="aber | sondern | dafuer | lieber",
    options=(
        "option | nr | nummer | termin | slot | vorschlag | variante | moeglichkeit"
        " | alternative nummer | zeit | terminvorschlag | #"
    ),
    oclock="uhr | h",
    noon="mittag | mittags | zwoelf uhr mittags",
    any=(
        "egal | ganz egal | mir egal | ist mir egal | ist egal | mir ist es egal | ist mir gleich | beliebig"
        " | alle | alle passen | alles passt | passt alles | passen alle | mir passt alles | mir passen alle"
        " | alle termine | alle termine passen | jeder | jeder termin | jeder passt | jeder termin passt"
        " | alle zeiten | alle zeiten passen | irgendeiner | irgendeiner davon | such dir einen aus"
        " | suchen sie einen aus | such dir was aus | such du aus | such du einen aus | suchen sie sich einen aus"
        " | such dir einfach einen aus | wie es dir passt | wie es ihnen passt | was dir passt | was ihnen passt"
        " | was dir am besten passt | was ihnen am besten passt | wann es dir passt | wann es ihnen passt"
        " | wann immer es dir passt | wann immer es ihnen passt | ich bin flexibel | bin flexibel"
        " | wir sind flexibel | flexibel | du entscheidest | entscheide du | entscheiden sie | sie entscheiden"
        " | wie du willst | wie sie wollen | wie du magst | wie sie moechten | welcher auch immer"
        " | passen alle termine | mir passen alle termine | spielt keine rolle | ganz wie du willst"
        " | ganz wie sie wollen | ich richte mich nach dir"
        " | ich richte mich nach ihnen"
    ),
    none=(
        "keiner | keine | keines | keins | keiner davon | keine davon | keins davon | nichts davon"
        " | keiner der termine | keine der zeiten | keiner dieser termine | keine dieser zeiten"
        " | keiner von diesen | keiner der vorschlaege | keiner der vorgeschlagenen termine | nichts passt"
        " | passt nichts | geht nichts | nichts davon passt | kein termin passt | kein termin geht"
        " | kein vorschlag passt | keine zeit passt | passt kein termin | passt alles nicht | passen alle nicht"
        " | alles passt nicht | alle passen nicht | passt mir alles nicht | passen mir alle nicht"
        " | an keinem der termine | da kann ich nicht | da kann ich leider nicht | da koennen wir leider nicht"
    ),
    regrets="leider | sorry | tut mir leid | es tut mir leid | bedaure",
    stop=(
        "stop | stopp | abbestellen | abmelden | mich abmelden | austragen | mich austragen | keine mails mehr"
        " | keine mail mehr | keine e-mails mehr | keine e-mail mehr | keine emails mehr | keine weiteren mails"
        " | keine weiteren e-mails | keine weiteren emails | keine nachrichten mehr | keine weiteren nachrichten"
        " | schreiben sie mir nicht mehr | schreib mir nicht mehr | schreibt mir nicht mehr | aufhoeren"
        " | hoer auf | hoeren sie auf | unsubscribe"
    ),
    last="letzte | letzten | letzter | letztes",
    greetings=(
        "hallo | hi | hey | liebe | lieber | liebe alle | liebes | guten morgen | guten tag | guten abend | moin"
        " | moin moin | servus | gruess gott | gruezi | sehr geehrte | sehr geehrter"
        " | sehr geehrte damen und herren | hallo zusammen | hallo alle | hallo herr | hallo frau"
        " | sehr geehrter herr | sehr geehrte frau | guten morgen herr | guten morgen frau | guten tag herr"
        " | guten tag frau"
    ),
    closings=(
        "mit freundlichen gruessen | freundliche gruesse | mit freundlichem gruss | viele gruesse | beste gruesse"
        " | liebe gruesse | herzliche gruesse | schoene gruesse | gruesse | gruss | mfg | vg | lg | bg"
        " | beste gruesse aus | mit besten gruessen | mit herzlichen gruessen | viele liebe gruesse"
        " | danke und gruss | danke und viele gruesse | danke und beste gruesse | danke und lg | danke und vg"
        " | vielen dank und viele gruesse | mit lieben gruessen | vielen dank und beste gruesse"
        " | mit freundlichen gruessen und danke | freundlichen gruss"
    ),
    weak_closings="danke | vielen dank | dank | danke dir | danke euch | danke ihnen | merci | ciao | tschuess",
    sent_from=(
        "gesendet von | gesendet mit | gesendet aus | von meinem | von unterwegs gesendet | diese nachricht wurde von"
        " | mit outlook | outlook fuer | holen sie sich outlook | am iphone getippt"
    ),
    excuses="bitte entschuldigen sie die kuerze | entschuldigen sie die kuerze | bitte entschuldige die kuerze",
    doubts=(
        "wenn | falls | sofern | ausser | aber | vielleicht | eventuell | evtl | moeglicherweise | wahrscheinlich"
        " | nicht | nie | kein | keine | nur | jedoch | obwohl | vor | nach | bis | ab | sonst | oder | doch"
        " | nein | warte | moment | korrektur | nachtrag | ps | p.s | entschuldigung | sorry | stattdessen"
        " | lieber | weil | leider | vorbehaltlich | ungefaehr | gegen | eher | bitte | unter | vorausgesetzt"
        " | erst | zuerst | anders | frage | muss | muessen | brauche | brauchen | sobald | solange | waehrend"
        " | ohne | beide | weder | noch | auch | glaube | denke | hoffe | kann | koennen | koennte | sollte"
        " | haben | zustimmen | klaeren | pruefen | vergiss | vergessen | storniert | storniere | abgesagt | absagen"
        " | meinte | hab | habe | bin | mich | mir | vertan | quatsch | verhindert | urlaub | entfaellt | faellt"
        " | verschoben | vorbehalt | erledigt | hinfaellig | zurueck | krank | falsch | irrtum"
        " | geaendert | aendert | ups"
    ),
    disclaimers="vertraulich | diese e-mail | diese email | diese nachricht | hinweis | der inhalt | wichtiger hinweis"
    " | wenn sie nicht der | sollten sie nicht | falls sie nicht | sollten sie diese",
    particulars=(
        "bitte denken sie an die umwelt | denken sie an die umwelt | bitte pruefen sie, ob | buerozeiten"
        " | arbeitszeiten | sprechzeiten | oeffnungszeiten | geschaeftszeiten | meine arbeitszeiten"
    ),
    numbers={name: number for number, name in enumerate(NAMES_OF_NUMBERS.split(), 1)},
    ordinals={
        stem + ending: number
        for number, stem in enumerate(STEMS.split(), 1)
        for ending in ("e", "en", "er", "es", "em")
    },
    ordinal_endings="te ten ter tes",
    weekdays={
        **{name: number for number, name in enumerate(DAYS.split())},
        **{name[:2]: number for number, name in enumerate(DAYS.split()) if name != "sonntag"},  # "so" is a word
        "sonnabend": 5,
    },
    months={
        **{name: number for number, name in enumerate(MONTHS.split(), 1)},
        **{name[:3]: number for number, name in enumerate(MONTHS.split(), 1)},
        "jaenner": 1,
        "feber": 2,
        "sept": 9,
        "mrz": 3,
    },
    relative={"heute": 0, "uebermorgen": 2},
    parts={
        "vormittag": (0, 12),
        "am vormittag": (0, 12),
        "vormittags": (0, 12),
        "morgens": (0, 12),
        "am morgen": (0, 12),
        "in der frueh": (0, 12),
        "nachmittag": (12, 18),
        "am nachmittag": (12, 18),
        "nachmittags": (12, 18),
        "abend": (17, 24),
        "am abend": (17, 24),
        "abends": (17, 24),
    },
    shifts={"halb": -30, "viertel nach": 15, "viertel vor": -15},
    plurals="passen | gehen | sind",
    morgen="morgen",
    early="frueh",
)
