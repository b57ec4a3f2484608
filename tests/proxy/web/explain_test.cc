// From an answer to its rule, and back in the tier that it is of.
#include <catch2/catch.hpp>

#include "tests/proxy/web/fakes.h"

using namespace schoolgate;
using namespace schoolgate::web_test;
using Catch::Matchers::Contains;

TEST_CASE("an answer leads to its rule, and a teacher's own tiers come first", "[web][explain]") {
  Staff school;
  const std::string teacher = school.sign_in("teacher");
  const std::string asks = "/explain?url=tiers.d/thcs.yaml:12%20x.yaml:%20%3Cb%3E(locked.yaml:3)&tier=thcs";
  const std::string page = school.get(asks, teacher).body;
  CHECK_THAT(page, Contains("<pre class=\"wrap\" tabindex=\"0\">url <a "
                            "href=\"/policy?tier=thcs&amp;rule=tiers.d%2Fthcs.yaml%3A12#rule\">tiers.d/"
                            "thcs.yaml:12</a> x.yaml: &lt;b&gt;(<a href=\"/policy?tier=thcs&amp;rule=locked."
                            "yaml%3A3#rule\">locked.yaml:3</a>)</pre>"));
  // Who may not see the policy gets no link that leads nowhere.
  CHECK_THAT(school.get(asks, school.sign_in("safeguarding")).body,
             Contains("url tiers.d/thcs.yaml:12 x.yaml:"));
  const std::string form = school.get("/explain", teacher).body;
  CHECK_THAT(form, Contains("<optgroup label=\"Your tiers\"><option value=\"thcs\" selected>") &&
                       Contains("<optgroup label=\"Others\"><option value=\"thpt\">"));
  CHECK_THAT(school.get("/explain", school.sign_in("admin")).body, !Contains("optgroup"));
}

TEST_CASE("a rule's line is marked once, and no longer number with it", "[web][policy]") {
  Staff school;
  school.proxy.tier_text = "a tiers.d/thcs.yaml:1\nb tiers.d/thcs.yaml:12\nc tiers.d/thcs.yaml:1 again\n";
  const std::string page =
      school.get("/policy?tier=thcs&rule=tiers.d/thcs.yaml:1", school.sign_in("admin")).body;
  CHECK_THAT(page, Contains("<mark id=\"rule\">a tiers.d/thcs.yaml:1</mark>\nb tiers.d/thcs.yaml:12\n<mark>c "
                            "tiers.d/thcs.yaml:1 again</mark>\n"));
}
