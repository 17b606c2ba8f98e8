#include "inspect/identity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "inspect/personal.h"

namespace inspect {
namespace {

/// How many of the characters of `alphabet`, put at the '?', give a number of that name.
std::size_t fitting(const std::string& number, std::string_view name, std::string_view near,
                    std::string_view alphabet) {
  std::size_t count = 0;
  const std::size_t place = number.find('?');
  for (const char c : alphabet) {
    std::string written = number;
    written[place] = c;
    const auto found = identity_of(written, near);
    count += found && found->name == name ? 1 : 0;
  }
  return count;
}

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

TEST(Identity, HasOneCheckDigitForEachNumber) {
  const std::vector<std::vector<std::string>> cases = {
      {"4405140135?", "Polish PESEL", "pesel"},
      {"3850101234?", "Estonian or Lithuanian personal code", "isikukood"},
      {"3344111122?", "Croatian OIB", "oib"},
      {"1234567890?", "Nigerian NIN", "nin"},
      {"110170002345?", "Thai identity number", "thai national id"},
      {"180010112345?", "Romanian CNP", "cnp"},
      {"800101500908?", "South African identity number", "south african id"},
      {"23412341234?", "Indian Aadhaar number", "aadhaar"},
      {"756.1234.5678.9?", "Swiss AHV number", ""},
      {"811228-987?", "Swedish personal number", "personnummer"},
      {"121266-000?", "Swedish personal number", "samordning"},  // whose day is 60 more than the day of birth
      {"752316926?", "Bulgarian EGN", "egn"},
      {"2428 77813 ?", "Australian Medicare number", "medicare"},
      {"130 692 54?", "Canadian social insurance number", "sin"},
      {"12345678?", "Portuguese NIF", "contribuinte"},
  };
  for (const auto& one : cases) {
    const bool spare = one[0] == "2428 77813 ?";  // its last digit is the number of the card, not a check
    EXPECT_EQ(fitting(one[0], one[1], one[2], kDigits), spare ? 10U : 1U) << one[0];
  }
}

TEST(Identity, MayBeNamedBehindAndStandAmongOthers) {
  const auto found = [](const std::string& text) {
    std::vector<std::pair<std::string, Certainty>> out;
    for (const PersonalSpan& span : find_personal_data(text)) {
      if (span.kind == PersonalKind::national_identity) {
        out.emplace_back(text.substr(span.begin, span.end - span.begin), span.certainty);
      }
    }
    return out;
  };
  using Found = std::vector<std::pair<std::string, Certainty>>;
  EXPECT_EQ(found("199109242397 is my pnr."), (Found{{"199109242397", Certainty::high}}));
  EXPECT_EQ(found("The MBI is 4EF6GH8JK12 for this patient"), (Found{{"4EF6GH8JK12", Certainty::high}}));
  EXPECT_EQ(found("first: 10000000146, second: 76543210794"),
            (Found{{"10000000146", Certainty::low}, {"76543210794", Certainty::low}}));
  EXPECT_EQ(found("347-677-452"), (Found{{"347-677-452", Certainty::low}}));
  EXPECT_EQ(found("dni 1111111G"), (Found{{"1111111G", Certainty::high}}));
  EXPECT_EQ(found("order 10000000147, ticket 347-677-453, ref 8XK4PQ2AB77x"), Found{});
}

TEST(Identity, HasOneCheckLetterForEachNumber) {
  EXPECT_EQ(fitting("12345678?", "Spanish DNI or NIE", "dni", kLetters), 1U);
  EXPECT_EQ(fitting("X1234567?", "Spanish DNI or NIE", "nie", kLetters), 1U);
  EXPECT_EQ(fitting("1234567?", "Irish PPS number", "pps", kLetters), 1U);
  EXPECT_EQ(fitting("RSSMRA85T10A562?", "Italian codice fiscale", "", kLetters), 1U);
  EXPECT_EQ(fitting("S1234567?", "Singaporean NRIC", "nric", kLetters), 1U);
  EXPECT_EQ(fitting("131052-308?", "Finnish personal code", "", kLetters) +
                fitting("131052-308?", "Finnish personal code", "", kDigits),
            1U);
}

TEST(Identity, TakesAnyBytes) {
  for (const std::string& text : {std::string(), std::string(40, '9'),
                                  std::string("\xFF\xFE"
                                              "12345678"),
                                  std::string("--------"), std::string("00000000000"), std::string("AAAAAAAAAAAAAAAA"),
                                  std::string("DDDDDDDDLDDD")}) {
    (void)identity_of(text, text);
  }
  EXPECT_FALSE(identity_of("12345678901234567890", "pesel"));
}

TEST(Identity, OfATextIsFoundByItsNameOrItsForm) {
  const auto found = [](const std::string& text) {
    std::vector<std::string> out;
    for (const PersonalSpan& one : find_personal_data(text)) {
      if (one.kind == PersonalKind::national_identity) {
        out.push_back(text.substr(one.begin, one.end - one.begin));
      }
    }
    return out;
  };
  using Found = std::vector<std::string>;
  EXPECT_EQ(found("Her PESEL is 44051401359, as the form says."), Found{"44051401359"});
  EXPECT_EQ(found("hetu 131052-308T"), Found{"131052-308T"});
  EXPECT_EQ(found("NIE: X1234567L."), Found{"X1234567L"});
  EXPECT_EQ(found("Medicare 1EG4-TE5-MK73"), Found{"1EG4-TE5-MK73"});
  EXPECT_EQ(found("{\"personnummer\": \"811228-9874\"}"), Found{"811228-9874"});
  // Numbers that pass a check by chance stand everywhere.
  EXPECT_EQ(found("order 44051401359 was shipped"), Found{});
  EXPECT_EQ(found("built at 1700000000004, 2345678901234 bytes"), Found{});
  EXPECT_EQ(found("https://x.org/p/44051401359/pesel"), Found{});
}

TEST(Personal, HoldsDatesOfBirthInEachFormAndNumbersInPairs) {
  const auto kinds = [](std::string_view text) {
    std::vector<PersonalKind> out;
    for (const PersonalSpan& one : find_personal_data(text)) {
      out.push_back(one.kind);
    }
    return out;
  };
  using Kinds = std::vector<PersonalKind>;
  EXPECT_EQ(kinds("born on 5.2.1996 in Bern"), Kinds{PersonalKind::date_of_birth});
  EXPECT_EQ(kinds("DOB 5/2/1996"), Kinds{PersonalKind::date_of_birth});
  EXPECT_EQ(kinds("call +33 6 22 25 04 66 today"), Kinds{PersonalKind::phone});
  EXPECT_EQ(kinds("licence KHAN9 657054 SM9IJ"), Kinds{PersonalKind::driving_licence});
  EXPECT_EQ(kinds("my bank details: 593904 51419968"), Kinds{PersonalKind::bank_account});
  EXPECT_EQ(kinds("released 5.2.1996, version 3.14.1592, x+12 and 5.2.1996.7"), Kinds{});
}

}  // namespace
}  // namespace inspect
