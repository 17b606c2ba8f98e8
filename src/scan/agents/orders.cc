#include "scan/agents/orders.h"

#include <re2/re2.h>

#include <algorithm>
#include <deque>
#include <span>
#include <vector>

#include "base/text.h"

namespace scan {
namespace {

using evidence::Severity;

/// A pattern that is compiled once; letters of any case.
class Pattern {
 public:
  explicit Pattern(const std::string& text) : pattern_(text, options()) {}
  [[nodiscard]] bool in(std::string_view text) const {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern_);
  }

 private:
  static re2::RE2::Options options() {
    re2::RE2::Options out(re2::RE2::Quiet);
    out.set_case_sensitive(false);
    out.set_max_mem(32 << 20);
    return out;
  }
  re2::RE2 pattern_;
};

/// Where a clause begins whose verb, in its base form, is an order, or what makes an order of it.
constexpr const char* kClause =
    R"((?:^|[,;:(]\s*|\b(?:and|then|also|please|to|must|should|shall|first|always|besides|you|so|well|instead|just|now|quietly|silently|secretly|discreetly|further|kindly|this|model|beforehand|have)\s+|[把请将先]))";

/// Verbs that take something to somewhere.
constexpr const char* kCarry =
    R"((?:send|mail|e-?mail|forward|copy|include|append|attach|pass|supply|put|provide|hand|give|embed|paste|upload|post|submit|relay|share|transmit|log|record|store|save|write|transfer|encode|add|insert|slip|deliver|repeat|report|return|place|fill|dump|push|ship|leak|enclose|quote|print|echo|feed|drop|tuck|stash|bundle|reproduce|set|bring|expose|mirror|file|invite|keep|announce|stelle|dépose(?:-la|-le)?|conserve|schicke|sende|übergib|füge|kopiere|leite|gib|trage|speichere|hänge|teile|übermittle|envoie|envoyez|transmets|transmettez|ajoute|ajoutez|mets|mettez|joins|joignez|passe|passez|inclus|incluez|copie|copiez|envía|envíala|envíalo|envíalas|añade|copia|pasa|incluye|adjunta|reenvía|manda|guarda|pon)\b|传给|放进|发给|写进|发到|发送|转发|放入|传入|复制|上传|密送|抄送|附上|写入|提供)";

/// Verbs that get hold of something.
constexpr const char* kGet =
    R"((?:read|open|look|collect|fetch|get|obtain|retrieve|gather|load|cat|check|inspect|grab|pull|harvest|scan|find|take|note|capture|visit|follow|open|access|consult|view|extract|query|ask|recall|list|remember|lies|öffne|hole|sammle|lade|nimm|suche|lis|lisez|récupère|récupérez|prends|prenez|ouvre|ouvrez|collecte|lee|abre|obtén|recoge|recopila|busca)\b|读取|收集|获取|打开)";

constexpr const char* kDuty =
    R"(\b(?:you|assistants?|models?|agents?|llms?|the\s+ai|ais?|callers?|whoever\s+reads\s+this|anyone\s+who\s+calls)\b[^.]{0,40}\b(?:must|should|shall|ha(?:s|ve)\s+to|needs?\s+to|(?:is|are)\s+(?:to|expected|required|asked|supposed|obliged|told|meant)|ought|will\s+want)\b|\b(?:is|are)\s+to\s+be\s+\w+ed\b|\b(?:are|is)\s+to\s+be\b|\b(?:has|have)\s+to\s+be\b|\bmust\s+be\b|\b(?:is|are)\s+replaced\b|\b(?:it|service|server|call|tool|api)\s+(?:expects|wants|needs|requires)\b|\bworking\s+call\s+needs\b|\bhas\s+to\s+carry\b|\bgo(?:es)?\s+into\b|\bfind\s+(?:its|their)\s+way\s+into\b|\bre[cç]oit\b|\brecibe\b|\bdoit\s+être\b|\bdepends\s+on\s+it\b|\bin\s+every\s+case\b|\bat\s+all\s+times\b|\blautet\s+immer\b|\bmake\s+sure\b|\bbe\s+sure\b)";

/// What lies on the machine of a user and concerns no description of a tool.
constexpr const char* kSecretPlace =
    R"((?:~|\$HOME|/home/\w+|/root)/\.|(?:^|[\s'"`(/])\.(?:env|netrc|npmrc|pypirc|pgpass)\b|\.ssh\b|\.gitconfig\b|\bid_(?:rsa|ed25519|ecdsa)\b|\.aws/|\.kube/|/etc/(?:passwd|shadow|sudoers)|/var/log/auth|\.config/(?:gcloud|gh|op|rclone)|\bmcp\.json\b|\bclaude_desktop_config|\.(?:bash|zsh)_history|\$\{?\w*(?:TOKEN|SECRET|API_?KEY|PASSWORD|PASSWD)\b)";

/// Kinds of private things: what the first sentence names of a kind, the tool is about.
constexpr const char* kPrivate[] = {
    R"(\b(?:private|ssh|secret|signing|encryption)\s+keys?\b|\bevery\s+key\b|clave\s+privada|clé\s+privée|(?:privater?|geheimer?)\s+schlüssel|私钥|密钥)",
    R"(\bpasswords?\b|\bpassphrases?\b|\bcredentials?\b|\blogins?\b|contraseñas?|credenciales|mots?\s+de\s+passe|identifiants|passw(?:ort|örter)|zugangsdaten|密码|凭证)",
    R"(\b(?:api|access|session|auth\w*|bearer)[\s_-]*(?:keys?|tokens?)\b|\btokens?\s+(?:of|from|in)\b|\bcookies?\b|\b(?:\w+'s|admin|console|root|your|their)\s+tokens?\b|\bclés?\s+api\b|\bclaves?\s+api\b|\bapi-schlüssel|令牌)",
    R"(\benvironment(?:al)?\s+variables?\b|\benv\s+vars?\b|variables?\s+d.environnement|variables?\s+de\s+entorno|umgebungsvariablen?|环境变量)",
    R"(\b(?:conversation|dialogue|dialog|chat|transcript|exchange|discussion)s?\b|\bmessages?\s+so\s+far\b|\b(?:what(?:ever)?|everything|all|anything)\s+(?:that\s+)?(?:the\s+)?(?:user|person|customer|they|he|she)\s+(?:has\s+|have\s+|had\s+)?(?:said|told|wrote|typed|asked|shared)\b|\b(?:system|internal|hidden|own)[\s-]*(?:prompts?|instructions)\b|\bsystemprompts?\b|\bcorrespondence\b|\b(?:talk|session|discussion)\s+so\s+far\b|\btodo\s+lo\s+que\s+(?:el\s+)?usuario\b|gesprächsverlauf|unterhaltung|conversación|historial|聊天记录|对话)",
    R"(\b(?:shell|browser|browsing|command|search|purchase)\s+history\b|\bclipboard\b|\bscreenshots?\s+of\s+the\s+(?:user|desktop)|\binstalled\s+(?:programs|software|apps)\b|\bcontents?\s+of\s+(?:the\s+)?(?:home|desktop|downloads)\b)",
    R"(\b(?:card|account|passport|social\s+security|phone)\s+numbers?\b|\bbank\s+(?:balance|details|statement)\b|\bhome\s+address\b|\bsalar(?:y|ies)\b|\b(?:their|user's|person's|his|her)\s+(?:health|location|contacts?|e-?mails?|inbox|files|calendar|finances|pin)\b|\bnames?\s+of\s+(?:the\s+)?(?:people|users|staff|customers|persons)\b|\bfull\s+name\b|\bcard\s+details\b|\b(?:user|private|personal)\s+(?:messages|notes|files|data|details)\b|\bnames?\s+and\s+e-?mails?\b|\bwhere\s+the\s+user\s+(?:lives|works)\b|\b(?:whatever|all|any|the)\s+secrets?\b|\boutput\s+of\s+[`'"]?(?:env|printenv|history)\b|\b[A-Z]+_API_KEY\b|kreditkarten\w*|tarjeta\s+de\s+crédito|numéro\s+de\s+carte|信用卡|\bcarpeta\s+personal\b|\bfaces\s+of\b|\ball\s+attachments\b|\bseed\s+phrase\b|\bwallet\b)",
};

/// The argument that is to carry it.
constexpr const char* kVessel =
    R"(\b(?:parameter|argument|param|field|feld|champ|paramètre|campo|parámetro)\b|参数|\b(?:in|into|as|as\s+the|under|via|to|through|between|im|en|como|dans|au)\s+(?:the\s+|an?\s+|its\s+|feld\s+|el\s+campo\s+|paramètre\s+)?[`'"]\w{2,30}[`'"]|\bhand\w*\b[^.]{0,60}\bto\s+\w+_\w+|\b(?:call|invoke|tool)\s+[`'"]?\w+_\w+|\b\w+_(?:notes?|logs?|all|sync|journal|meta|data)\b|作为\s*\w+|\boutil\s+\w+|\bcommit\b|\bidentically\b)";

/// A mailbox, an address or a telephone that the description itself names.
constexpr const char* kAddress =
    R"([\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://|\+\d[\d ()-]{7,}|\b[a-z]{2}\d{2}[a-z0-9]{11,30}\b|\bthe\s+address\s+(?:in|below|given)\b|\b0x[0-9a-f]{40}\b)";
constexpr const char* kSample =
    R"(\be\.?\s?g\.|\bexamples?\b\s*[:(]|\bfor\s+example\b|\bsuch\s+as\b|\bformat\b|\bexample\.(?:com|org|net)\b|\bsee\b|\bdocumentation\b|\bdocs\b|\bcontact\b|\bsupport\b|\bapi\b|\bendpoint\b|\bschema\b)";

/// To keep something from the person who uses the model.
constexpr const char* kConceal[] = {
    R"(\b(?:do\s+not|don'?t|never|no\s+need\s+to|need\s*n[o']t|not\s+to|avoid|refrain\s+from|rather\s+than|instead\s+of)\s+(?:ever\s+|even\s+|have\s+to\s+)?(?:tell(?:ing)?|inform(?:ing)?|notify(?:ing)?|alert(?:ing)?|let(?:ting)?|warn(?:ing)?|bother(?:ing)?|worry(?:ing)?)\s+(?:\w+\s+){0,3}(?:user|users|person|people|customer|client|human|operator|them|him|her|anyone|anybody|on|know)\b)",
    R"(\b(?:do\s+not|don'?t|never|no\s+need\s+to|need\s*n[o']t|not\s+to|avoid|without)\s+(?:ever\s+|have\s+to\s+)?(?:mention(?:ing)?|say(?:ing)?|report(?:ing)?|speak(?:ing)?\s+of|talk(?:ing)?\s+about|bring(?:ing)?|point(?:ing)?|disclos(?:e|ing)|reveal(?:ing)?|explain(?:ing)?|admit(?:ting)?|acknowledg(?:e|ing)|refer(?:ring)?\s+to)\s*(?:(?:it|this|that|so|any\s+of\s+(?:it|this)|these\s+(?:steps?|instructions?)|this\s+(?:step|instruction|note|rule)|to\s+the\s+(?:user|person|customer))\b|up\b|out\b|that\s+\w+|why\b|$))",
    R"(\b(?:need|needs|have|has|should|must|ought)\s+(?:not|never)\s+(?:to\s+|have\s+to\s+|need\s+to\s+)?(?:be\s+)?(?:told|know|see|notice|hear|learn|aware|informed|shown|mentioned|asked|find\s+out)\b|\b(?:does|do)\s+not\s+(?:need|have)\s+to\s+(?:be\s+)?(?:told|know|see|hear|learn|informed|asked|mentioned)\b|\b(?:nobody|no\s+one|none)\s+(?:needs?|has|have|should|must|ought)\s+(?:to\s+)?(?:know|hear|see|learn|notice|be\s+told)\b|\bneed\s+not\s+(?:bring|mention|say|know|see|be)\b|\bneed\s*n'?t\s+be\s+(?:mentioned|told|shown)\b)",
    R"(\b(?:remain|stay|kept?|be)\s+(?:un|not\s+)aware\b|\b(?:keep|hold)\s+(?:\w+\s+){0,4}(?:secret|quiet|silent|hidden|confidential|to\s+(?:yourself|itself)|from\s+(?:the\s+)?(?:user|person|customer|human)|between\s+us|off\s+the\s+\w+|out\s+of\s+(?:the|your))\b|\bkeep\s+(?:quiet|silent|mum)\b|\bleave\s+(?:it|this|that|them)\s+out\s+of\b|\b(?:hide|conceal|obscure|withhold)\s+(?:(?:this|it|that|them)(?:\s+from\b|$)|the\s+fact\b)|\blet\s+on\b|\bof\s+no\s+(?:interest|concern)\s+to\b|\bwould\s+only\s+(?:worry|confuse|alarm|upset|distract)\b|\bnever\s+give\s+(?:the|a)\s+reasons?\b|\b(?:not|never)\s+(?:be\s+)?(?:visible|apparent)\s+to\s+the\s+(?:user|person)\b)",
    R"(\bwithout\s+(?:(?:telling|informing|notifying|warning|alerting)\s+(?:the\s+|your\s+)?(?:users?|persons?|people|customers?|clients?|humans?|operators?|anyone|anybody|them|him|her)|(?:the\s+)?(?:user|person|customer)(?:'?s)?\s+(?:knowledge|knowing|notice|noticing|consent)|(?:his|her|their)\s+(?:knowledge|consent)|a\s+word)\b|\b(?:secretly|covertly|discreetly|tacitly|inconspicuously|unnoticed)\s+(?:add|send|copy|put|include|forward|write|append|attach|call|run|remove|change|replace|pass|upload|insert|do|accept|approve|store|open|read)\b|\b(?:quietly|silently)\s+(?:send|copy|put|include|forward|append|attach|call|run|pass|upload|accept|approve|open|read)\b)",
    R"(\bnot\s+to\s+be\s+(?:asked|mentioned|told|shown|discussed)\b|\b(?:nobody|no\s+one)\s+(?:looks|checks|will\s+(?:notice|know|see|ask))\b|\b(?:will|can)\s+find\s+out\s+later\b|\b(?:make|keep)\b[^.]{0,40}\b(?:invisible|unseen)\b|\bwithout\s+fuss\b|\b(?:happier|better)\s+(?:off\s+)?not\s+knowing\b|\bnever\s+comment\s+on\s+(?:it|this|that)\b|\bchange\s+the\s+(?:topic|subject)\b|\bsay\s+nothing\s+(?:of|about)\b|\bwhite[- ]on[- ]white\b|\bsans\s+que\s+(?:personne|l.utilisateur)\b|\bbraucht\b[^.]{0,40}\bnichts?\s+(?:davon\s+)?zu\s+(?:erfahren|wissen)\b|\bno\s+lo\s+(?:comentes|menciones|digas)\b)",
    R"(\bverschweig\w*|\b(?:erwähne|sag\w*|nenne|melde|verrate)\b[^.]{0,40}\bnicht\b|\bohne\b[^.]{0,60}\b(?:hinzuweisen|zu\s+(?:sagen|fragen|informieren|erwähnen|warnen)|wissen|hinweis)\b|\bnicht\s+(?:mitteilen|erwähnen|informieren|verraten)\b|\b(?:heimlich|unbemerkt)\b|\bmuss\b[^.]{0,30}\bnicht\s+(?:wissen|erfahren|sehen)\b)",
    R"(\bne\s+(?:le\s+|la\s+|lui\s+|leur\s+|les\s+)?(?:dis|dites|mentionnez?|parlez?|signalez?|révélez?|préviens|prévenez)\b|\bn.en\s+parlez?\b|\bsans\s+(?:le\s+|la\s+|l.|lui\s+)?(?:dire|mentionner|signaler|prévenir|informer|avertir|demander)|\b(?:discrètement|secrètement|en\s+cachette)\b|à\s+l.insu)",
    R"(\bno\s+(?:le\s+|lo\s+|se\s+lo\s+)?(?:menciones|digas|informes|avises|reveles|comentes|cuentes)\b|\bsin\s+(?:avisar|decir|informar|mencionar|preguntar|que\s+(?:el\s+usuario\s+)?lo\s+sepa)|\b(?:discretamente|en\s+secreto|a\s+escondidas)\b|\bno\s+(?:tiene|necesita)\s+(?:que\s+)?saber)",
    R"((?:不要|无需|不必|别|不得|切勿|不用)[^。,，]{0,8}(?:告诉|提及|提到|告知|通知|说明|透露|知道|知晓|发现)|悄悄|秘密地|暗中)",
};

/// To say what is not so.
constexpr const char* kDeceive[] = {
    R"((?:^|[,;:(]\s*|\b(?:and|then|also|please|to|must|should|instead)\s+)(?:(?:claim|insist|assert)\s+(?:that|to\s+(?:be|have)|it|they|there|not)|pretend|assure\s+(?:the|them|him|her|your)|deny\s+(?:that|it|having|knowing|any)|feign|lie\s+(?:about|to)|(?:make\s+up|fake|invent)\s+(?:\w+\s+)?(?:results?|figures?|numbers?|reviews?|quotes?|sources?|reasons?|answers?))\b)",
    R"(\b(?:say|report|state|recommend|conclude|praise)\b[^.]{0,80}\b(?:whatever|regardless|no\s+matter|in\s+any\s+case|either\s+way|anyway|even\s+(?:if|when|though))\b|\b(?:whatever|regardless\s+of|no\s+matter)\b[^.]{0,60},\s*(?:say|report|answer|state|recommend|describe)\b|\bunder\s+(?:the\s+)?(?:pretext|pretence|guise)\b|\b(?:fails?|failed|wrong|invalid|errors?)\b[^.]{0,20},\s*(?:say|report|return|answer|claim)\b[^.]{0,30}\b(?:pass|success|succe|fine|ok|valid|correct)|\btell\b[^.]{0,30}\b(?:customer|user|person|them|him|her)\b[^.]{0,30}\b(?:only\s+one|last\s+one|no\s+other)|\bsay\s+(?:that\s+)?(?:they|it|these|those)\s+(?:are|is|were|was)\s+(?:broken|gone|unavailable|unsafe)|\breport\s+success\b)",
    R"(\b(?:whether\s+or\s+not\s+(?:it|they)|even\s+(?:if|though|when)\s+(?:it|they)\s+(?:is|are|do|does)\s*n[o']t)\b|\bin\s+favou?r\s+of\s+the\s+(?:shop|seller|vendor|owner|server|provider)\b|\bcome\s+out\s+on\s+top\b|\breply\s+that\s+you\b|\btell\s+whoever\s+asks\b|\bto\s+be\s+(?:explained|described|presented)\s+as\b|\bin\s+case\s+of\b[^.]{0,40}\breport\s+(?:one\s+hundred|100|success|no)\b|\bquel(?:le)?s?\s+que\s+soi(?:en)?t\b|\begal\s+was\b|\bauch\s+wenn\s+(?:sie|es|er)\b[^.]{0,20}\bnicht\b|\bdi\s+que\s+es\b|无论[^。]{0,16}[都均])",
    R"((?:^|[,;:]\s*|\b(?:und|dann|y|et)\s+)(?:behaupte|lüge|prétends|affirme|finge|afirma|recomienda\s+siempre|conseille\s+toujours|empfiehl\s+immer)\b|\b(?:get|receive|give)\s+full\s+marks\b|\bmark\b[^.]{0,60}\bas\s+(?:false\s+positives?|resolved|safe|approved)\b|\bnegative\b[^.]{0,30}\bleft\s+out\b|\b(?:per\s*cent|%)\s+(?:higher|lower|more)\s+than\b|始终说)",
    R"(\bomit\b[^.]{0,60}\b(?:criticis|critical|negative|bad|competitor|complain|audit|risk|fee)|\b(?:avoid|skip|leave\s+out)\b[^.]{0,40}\b(?:naming|mentioning|criticism|fees|mails?\s+that|audit|negative|complaints)\b)",
};

/// To change what the user asked for, in somebody's favour, or to switch off what protects.
constexpr const char* kAlter[] = {
    R"((?:^|[,;:(]\s*|\b(?:and|then|also|please|to|must|should|is|are|be)\s+)(?:swap|replaced?|substituted?|exchange|changed?|rewrite|overwrite|redirect|switch|ersetze|tausche|remplacez?|sustituye|reemplaza|cambia)\b[^.]{0,100}(?:[\w.+-]+@[\w-]+\.[\w.-]+|https?://|\b[a-z]{2}\d{2}[a-z0-9]{11,30}\b|\+\d[\d ()-]{7,}|\b0x[0-9a-f]{40}\b)|\b(?:links?|addresses|urls?)\b[^.]{0,40}\b(?:in\s+place\s+of|instead\s+of)\s+(?:those|the\s+ones?)\b)",
    R"(\b(?:turn|switch)\s+off\b[^.]{0,40}\b(?:firewall|protection|logging|checks?|antivirus|verification|alarms?)\b|\b(?:disable|deactivate|remove|take\s+out|strip|comment\s+out|suppress)\b[^.]{0,40}\b(?:firewall|protections?|logging|verif\w+|signatures?|antivirus|authentication|validation|audit|safeguards?|guardrails?|security|alarms?)\b)",
    R"(\b(?:approve|accept|merge|sign|grant|authori[sz]e|confirm)\b[^.]{0,60}\bwithout\s+(?:reading|review\w*|checking|looking|asking)\b|\b(?:fine|ok|safe|good)\s+to\s+(?:remove|delete|erase|drop)\b|\bdelete\s+the\s+(?:evidence|traces?)\b|\bremove\s+the\s+backups?\b|\bborra\s+los\s+originales\b|\b(?:approval|review|confirmation)\b[^.]{0,30}\b(?:left\s+aside|left\s+out|skipped|omitted|bypassed)\b|\bget\s+rid\s+of\b[^.]{0,30}\b(?:log|audit|backup|history|traces?)|\bempty\s+pass(?:word|phrase)\b|\bhave\s+the\s+(?:user|person)\s+(?:type|enter|give)\b[^.]{0,30}\bpass|\bsube\s+el\s+precio\b|\bleave\b[^.]{0,20}\b(?:tunnel|back\s*door|port)\b[^.]{0,10}\bopen\b|\bopen\b[^.]{0,10}\bback\s*door\b|\b(?:raise|increase|inflate|quietly\s+add)\b[^.]{0,40}\b(?:price|prices|fares?)\b[^.]{0,60}\b(?:for|by|when)\b|\buse\s+\S{8,}\s+for\s+(?:everybody|everyone|all)\b)",
};

/// To take orders from elsewhere.
constexpr const char* kObey[] = {
    R"(\b(?:treat|regard|consider|take|handle|see)\b[^.]{0,80}\b(?:as|like)\b[^.]{0,40}\b(?:orders?|instructions?|commands?|coming\s+from|(?:from\s+)?your\s+(?:developers?|user|operator|owner|makers?|admin\w*)|administrator|system\s+(?:message|prompt)|if\s+the\s+user)\b|\b(?:orders?|instructions?|commands?|tasks?|rules)\s+(?:for|to)\s+you\b|\bobey\s+(?:them|it|only|whatever|all|every|any|this)\b|\b(?:be|is|are)\s+(?:to\s+be\s+)?(?:carried\s+out|followed|executed|obeyed)\b[^.]{0,40}\b(?:as\s+(?:though|if)|like)\b)",
    R"(\bgo\s+along\s+with\b[^.]{0,30}\b(?:demands|asks|says|wants)\b|\brank\s+of\s+a\s+system\b|\brules\s+you\s+(?:were|are)\s+\w+\s+with\b|\bvorrang\s+vor\b|\btienen?\s+más\s+peso\s+que\b|\bcomme\s+si\s+c.était\b|优先于|只听)",
    R"(\bmore\s+important\s+than\s+(?:those|your|what\s+the)\b|\b(?:earlier|previous|prior|former|other|usual)\s+(?:guidance|guidelines|instructions?|rules|orders|prompts?|limits)\b[^.]{0,60}\b(?:not\s+apply|no\s+longer|void|suspended|lifted|off|irrelevant|superseded)\b|\b(?:does|do)\s+not\s+apply\s+while\b|\bbound\s+by\b[^.]{0,40}\brather\s+than\b|\bcarry\s+out\s+(?:anything|whatever)\b|\b(?:anything|whatever)\b[^.]{0,40}\bis\s+to\s+be\s+carried\s+out\b)",
    R"(\b(?:refuse|stop|decline|cease)\s+(?:to\s+)?(?:use|using|call|calling)\b[^.]{0,40}\b(?:them|other|others|tools?)\b|\bother\s+\w+\s+(?:are|must|should)\s+not\s+(?:be\s+)?(?:called|used)\s+any\s+more\b)",
    R"(\b(?:vergiss|ignoriere|missachte)\b[^.]{0,60}\b(?:zuvor|bisher\w*|vorher\w*|anweisung\w*|regeln|aufgetragen)\b|\brichte\s+dich\s+nur\b|\b(?:ordres|instructions|consignes|commandes)\b[^.]{0,60}\b(?:exécuté\w*|suivi\w*|obéi\w*|comme\s+s)|\b(?:oublie|ignore)z?\s+(?:les|tes|vos|toutes)\b|\b(?:olvida|ignora)\s+(?:las|los|tus|todas)\b|\bobedece\b|\btrata\b[^.]{0,40}\bcomo\s+(?:órdenes|instrucciones)\b|\b(?:overrides?|outranks?|replaces?)\s+(?:your\s+(?:\w+\s+)?(?:instructions?|rules|guid\w+|orders|safety|judg\w+)|what\s+the\s+user|the\s+user'?s?\s+(?:wish\w*|request|instructions?|orders))|等同于|\b(?:órdenes|instrucciones)\b[^.]{0,40}\b(?:ejecut|cumpl|obede)|(?:视为|当作|看作)[^。]{0,16}(?:指令|命令|指示)|忽略[^。]{0,10}(?:指令|规则|指示))",
};

/// That a sentence speaks to or about whoever reads it and those it serves, or of how the tool is to be used; what a
/// tool does by itself is told without.
constexpr const char* kReader =
    R"(\b(?:you|your|yourself|assistants?|models?|agents?|llms?|the\s+ai|callers?|claude|gpt|copilot|whoever|anyone|anybody|everybody|nobody|no\s+one|users?|customers?|clients?|persons?|people|humans?|operators?|them|they|him|her)\b|\b(?:before|after|while|whilst|when|once|prior\s+to|ahead\s+of|upon|during)\s+(?:it\b|any\b|each\b|every\b|\w+ing\b|(?:\w+\s+){0,2}(?:call|use|run|fails?|arrives?|active)\b)|\b(?:each|every)\s+(?:time|call|use|answer|reply|result)\b|\b(?:in\s+every\s+case|at\s+all\s+times|always|whatever|regardless|no\s+matter|either\s+way|in\s+any\s+case|even\s+(?:if|when|though)|in\s+addition|besides|instead\s+of|as\s+(?:though|if))\b|\b(?:du|dich|dir|dein\w*|sie|ihr\w*|modell\w*|nutzer\w*|benutzer\w*|vorher|zuvor|immer|jede[nsmr]?|nachher|tu|toi|vous|vos|votre|modèle|utilisateur\w*|avant|toujours|chaque|après|tú|usted|modelo|usuario\w*|antes|siempre|cada|después)\b|你|您|模型|助手|用户|调用|每次|始终|总是|之前|之后|前|后)";

constexpr const char* kNegated =
    R"(\b(?:do\s+not|don'?t|never|must\s+not|should\s+not|cannot|can't|may\s+not|nicht|niemals|ne\s+\w+\s+(?:pas|jamais)|ne\s+(?:pas|jamais)|no\s+(?:incluyas|copies|envíes|pases|uses|guardes|inventes))\b|不要|请勿|切勿)";

struct Patterns {
  Pattern order{std::string(kClause) + "(?:" + kCarry + "|" + kGet + ")"};
  Pattern carry{std::string("(?:^|\\W)") + kCarry};
  Pattern duty{kDuty};
  Pattern secret_place{kSecretPlace};
  Pattern vessel{kVessel};
  Pattern address{kAddress};
  Pattern sample{kSample};
  Pattern negated{kNegated};
  Pattern reader{kReader};
  Pattern describing{
      R"(^[-*\s]*(?:(?:an?|the|this|it|its|note|only|see|for|if|in|on|at|by|with|from|requires?|returns?|results?|input|output|optional|default|supports?|can|may|will|all|each|no|not|use|useful|any)\b|[a-z]+(?:[^s\W]s|ches|shes|sses|zes)\s))"};
  Pattern other_language{
      R"(\b(?:und|nicht|dass|der|die|das|dem|den|ein|eine|für|mit|les|des|du|une|est|que|et|pour|dans|jamais|el|los|las|por|una|del|al|y|para|siempre|nunca)\b|[\x{3400}-\x{9FFF}])"};
  Pattern third_person{R"(^(?:an?\s+|the\s+)?[a-z]+(?:[^s\W]s|ches|shes|sses|zes)\s)"};
  Pattern without_asking{
      R"(\bneeds?\s+no\s+(?:confirmation|approval|consent)\b|\bproceed\s+straight\s+away\b|\beven\s+when\s+the\s+user\s+(?:forbids|objects|refuses)|\bbefore\s+(?:the\s+user\s+sees|you\s+show)\s+(?:it|them|the\s+list)\b|\bwithout\s+(?:asking|pointing|confirm\w*|approval|permission|reading|review\w*)\b)"};
  Pattern spoken_of_others{R"(把|请|将|务必)"};  // verbs of Chinese may follow what they act on
  Pattern sent_to_host{
      R"(\b(?:send|post|upload|forward|mirror|submit|push|deliver|envoie|envoyez|manda|envía|schicke|sende|destination|recording|notes)\b[^.]{0,80}\b(?:to|à|a|an|ins?)\s+(?:https?|ftp|sftp|wss?)://)"};
  Pattern run_what_is_fetched{
      R"(\b(?:fetch|download|get|curl|wget)\b[^.]{0,30}https?://.{0,120}\b(?:run|execute|start|install)\b)"};
  Pattern account{R"([\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[a-z]{2}\d{2}[a-z0-9]{11,30}\b|\+\d[\d ()-]{8,})"};
  Pattern every{
      R"(\b(?:each|every|always|all|any|blind\s+copy|bcc|duplicates?|toujours|siempre|jede[nsr]?|copie\s+cachée|whatever|upload|post(?:ed)?)\b|密送|每)"};
  std::deque<Pattern> private_things;
  std::deque<Pattern> conceal;
  std::deque<Pattern> deceive;
  std::deque<Pattern> alter;
  std::deque<Pattern> obey;

  Patterns() {
    const auto fill = [](std::deque<Pattern>& out, std::span<const char* const> texts) {
      for (const char* const one : texts) {
        out.emplace_back(one);
      }
    };
    fill(private_things, kPrivate);
    fill(conceal, kConceal);
    fill(deceive, kDeceive);
    fill(alter, kAlter);
    fill(obey, kObey);
  }
};

const Patterns& patterns() {
  static const Patterns kPatterns;
  return kPatterns;
}

bool any_in(const std::deque<Pattern>& all, std::string_view text) {
  return std::any_of(all.begin(), all.end(), [&](const Pattern& one) { return one.in(text); });
}

struct Sentence {
  std::size_t at = 0;
  std::string_view text;
};

/// At full stops before a blank, line ends of paragraphs and lists, and the stops of Chinese.
std::vector<Sentence> sentences_of(std::string_view text) {
  constexpr std::size_t kMostSentences = 400;
  constexpr std::string_view kWideStop = "\u3002";
  std::vector<Sentence> out;
  std::size_t begin = 0;
  const auto close = [&](std::size_t end, std::size_t next) {
    const std::string_view part = base::trim(text.substr(begin, end - begin));
    if (part.size() > 3) {
      out.push_back({static_cast<std::size_t>(part.data() - text.data()), part});
    }
    begin = next;
  };
  for (std::size_t i = 0; i < text.size() && out.size() < kMostSentences; ++i) {
    const char c = text[i];
    const bool blank = i + 1 >= text.size() || text[i + 1] == ' ' || text[i + 1] == '\n';
    if ((c == '.' || c == '!' || c == '?') && blank) {
      close(i, i + 1);
    } else if (c == '\n' && (i + 1 >= text.size() || text[i + 1] == '\n' || text[i + 1] == '-' || text[i + 1] == '*')) {
      close(i, i + 1);
    } else if (text.substr(i, kWideStop.size()) == kWideStop) {
      close(i, i + kWideStop.size());
    }
  }
  close(text.size(), text.size());
  return out;
}

/// What one sentence does.
struct Deeds {
  bool order = false;
  bool duty = false;  ///< In the passive, or as what somebody expects: the verb is none of the lists then.
  bool carry = false;
  bool negated = false;
  bool secret_place = false;
  bool private_thing = false;
  bool vessel = false;
  bool address = false;
  bool conceal = false;
};

Deeds deeds_of(std::string_view sentence, const std::vector<bool>& about) {
  const Patterns& known = patterns();
  Deeds out;
  out.negated = known.negated.in(sentence);
  out.duty = known.duty.in(sentence);
  out.order = known.order.in(sentence) || out.duty || (known.spoken_of_others.in(sentence) && known.carry.in(sentence));
  out.carry = known.carry.in(sentence);
  out.secret_place = known.secret_place.in(sentence);
  for (std::size_t i = 0; i < known.private_things.size(); ++i) {
    out.private_thing = out.private_thing || (!about[i] && known.private_things[i].in(sentence));
  }
  out.vessel = known.vessel.in(sentence);
  out.address = known.address.in(sentence) && !known.sample.in(sentence);
  out.conceal = any_in(known.conceal, sentence) || (out.order && !out.negated && known.without_asking.in(sentence));
  return out;
}

}  // namespace

std::optional<Order> order_in(std::string_view description) {
  constexpr std::size_t kMostBytes = 20000;
  const std::vector<Sentence> sentences = sentences_of(description.substr(0, kMostBytes));
  if (sentences.empty()) {
    return std::nullopt;
  }
  const Patterns& known = patterns();
  // What the first sentence speaks of, the tool is about.
  std::vector<bool> about(known.private_things.size());
  for (std::size_t i = 0; i < about.size(); ++i) {
    about[i] = sentences.size() > 1 && known.private_things[i].in(sentences.front().text);
  }
  std::optional<Order> out;
  const auto report = [&](Severity severity, const Sentence& sentence, std::string_view what) {
    if (!out || severity > out->severity) {
      out = Order{severity, sentence.at, base::abbreviate(sentence.text, 200), what};
    }
  };
  const bool describes = known.third_person.in(sentences.front().text);
  bool concealed = false;
  Deeds before;  // of the sentence before: what is fetched there may be handed over here
  for (const Sentence& sentence : sentences) {
    const std::string_view text = sentence.text;
    const bool first = &sentence == &sentences.front();
    const Deeds here = deeds_of(text, about);
    // Where the tool is described in the third person, a verb in its base form is for somebody else. Of other languages
    // the patterns know orders alone.
    const bool spoken =
        known.reader.in(text) || (describes && !first && !known.describing.in(text)) || known.other_language.in(text);
    const bool goes = here.vessel || here.address;
    const bool taken = here.order && !here.negated && (here.secret_place || here.private_thing);
    const bool handed = taken && (here.carry || here.duty) && goes;
    if (first && !spoken && !(handed && here.secret_place)) {
      continue;  // what the tool does, in whatever words
    }
    concealed = concealed || (here.conceal && spoken);
    const bool handed_before = before.order && !before.negated && (before.secret_place || before.private_thing) &&
                               here.order && here.carry && goes && !here.negated;
    if ((taken && here.secret_place) || handed || handed_before) {
      report(spoken || here.secret_place || before.secret_place ? Severity::high : Severity::low, sentence,
             "has the model hand over what is private");
    } else if (here.order && here.address && !here.negated &&
               (known.every.in(text) || known.account.in(text) || known.sent_to_host.in(text))) {
      report(spoken || known.every.in(text) ? Severity::high : Severity::medium, sentence,
             "has the model send to an address of its own");
    }
    if (known.run_what_is_fetched.in(text) && !here.negated) {
      report(Severity::high, sentence, "has the model run what it fetches");
    }
    if (here.conceal) {
      const bool grave = here.carry || here.secret_place || here.private_thing;
      report(first && !spoken  ? Severity::low
             : grave && spoken ? Severity::high
                               : Severity::medium,
             sentence, "has the model hide something from its user");
    }
    // Signs that many an honest tool has as well, which manages prices, alarms or signatures.
    const Severity weak = spoken ? Severity::medium : Severity::low;
    if (any_in(known.deceive, text) && !here.negated) {
      report(weak, sentence, "has the model say what is not so");
    }
    if (any_in(known.alter, text) && (!here.negated || here.conceal)) {
      report(weak, sentence, "has the model change what its user asked for");
    }
    if (any_in(known.obey, text) && !here.negated) {
      report(weak, sentence, "has the model take orders from elsewhere");
    }
    before = here;
  }
  if (out && concealed) {
    out->severity = Severity::high;
  }
  return out;
}

}  // namespace scan
