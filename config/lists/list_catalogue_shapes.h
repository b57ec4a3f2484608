// What list-catalogue.yaml may hold (config/text/shape.h).
#pragma once

#include "config/text/shape.h"

namespace schoolgate {

inline constexpr std::string_view school_words[]{"yes", "ask", "no"};  // PublishedList::School
extern const Shape list_catalogue_shape, published_list_shape, published_set_shape;

}  // namespace schoolgate
