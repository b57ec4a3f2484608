// What the files of the policy may hold (config/text/shape.h).
#pragma once

#include "config/text/shape.h"

namespace schoolgate {

// tiers.d, and lines as other files have them too.
extern const Shape tier_shape, https_mode_shape, tunnel_shape, timetable_shape, policy_test_shape, ai_shape;
extern const Shape allow_line_shape, other_line_shape;          // of a tier
extern const Shape own_allow_line_shape, own_block_line_shape;  // where no bundle can be named
extern const Shape two_languages_shape;
// locked.yaml, hotlines.yaml
extern const Shape locked_shape, locked_allow_shape, hotlines_shape, hotline_shape;
// categories.yaml, bundles.yaml, safesearch.yaml, terms.yaml
extern const Shape catalogue_shape, category_shape;
extern const Shape bundles_shape, bundle_shape;
extern const Shape engines_shape, engine_shape, safe_shape, parameter_shape, header_shape, connect_to_shape;
extern const Shape terms_shape, category_terms_shape, term_shape;
// periods.yaml, delegation.yaml, expect.yaml, pins.yaml
extern const Shape periods_shape, lessons_shape, shift_shape, period_shape, exam_shape, days_shape,
    holiday_shape;
extern const Shape delegation_shape, teacher_shape, case_keepers_shape;
inline constexpr std::string_view must_work_key = "must_work", pins_key = "pins";
extern const Shape expect_shape, must_work_shape, pins_shape, pin_shape;
// pages.yaml
extern const Shape pages_shape, page_language_shape, page_text_shape;

}  // namespace schoolgate
