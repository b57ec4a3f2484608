#include "rules/policy/lunar_calendar.h"

#include <cmath>
#include <numbers>

#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

// Days are counted as Julian days of dynamical time, which is ahead of the clock by about a minute.
constexpr double unix_epoch = 2'440'587.5, j2000 = 2'451'545.0, days_per_century = 36'525.0;
constexpr double clock_lag = 70.0 / 86'400, utc_plus_7 = 7.0 / 24;

double sine(double degrees) noexcept {
  return std::sin(degrees * std::numbers::pi / 180);
}

std::int32_t local_day(double julian) noexcept {
  return static_cast<std::int32_t>(std::floor(julian - clock_lag - unix_epoch + utc_plus_7));
}
double local_midnight(std::int32_t day) noexcept {
  return day + unix_epoch - utc_plus_7 + clock_lag;
}

// The moment of the new moon that is `k` months after the first one of 2000, within two minutes: J. Meeus,
// Astronomical Algorithms, chapter 49, with the terms over 0.00005 days.
double new_moon(int k) noexcept {
  const double t = k / 1236.85;
  const double e = 1 - 0.002516 * t - 0.0000074 * t * t;
  const double sun = 2.5534 + 29.10535670 * k - 0.0000014 * t * t;
  const double moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t;
  const double node = 160.7108 + 390.67050284 * k - 0.0016118 * t * t;
  double at = 2'451'550.09766 + 29.530588861 * k + 0.00015437 * t * t;
  at += -0.40720 * sine(moon) + 0.17241 * e * sine(sun) + 0.01608 * sine(2 * moon) + 0.01039 * sine(2 * node);
  at += 0.00739 * e * sine(moon - sun) - 0.00514 * e * sine(moon + sun) + 0.00208 * e * e * sine(2 * sun);
  at += -0.00111 * sine(moon - 2 * node) - 0.00057 * sine(moon + 2 * node);
  at += 0.00056 * e * sine(2 * moon + sun) - 0.00042 * sine(3 * moon) + 0.00042 * e * sine(sun + 2 * node);
  at += 0.00038 * e * sine(sun - 2 * node) - 0.00024 * e * sine(2 * moon - sun);
  at += -0.00017 * sine(124.7746 - 1.56375588 * k) - 0.00007 * sine(moon + 2 * sun);
  at += 0.000325 * sine(299.77 + 0.107408 * k) + 0.000165 * sine(251.88 + 0.016321 * k);
  at += 0.000164 * sine(251.83 + 26.651886 * k) + 0.000126 * sine(349.42 + 36.412478 * k);
  return at + 0.000110 * sine(84.66 + 18.206239 * k);
}

// Where the sun stands, 0 .. 360: the same, chapter 25, within 0.01 degrees, a quarter of an hour.
double sun_longitude(double julian) noexcept {
  const double t = (julian - j2000) / days_per_century;
  const double anomaly = 357.52911 + 35'999.05029 * t - 0.0001537 * t * t;
  const double centre = (1.914602 - 0.004817 * t) * sine(anomaly) +
                        (0.019993 - 0.000101 * t) * sine(2 * anomaly) + 0.000289 * sine(3 * anomaly);
  const double longitude = 280.46646 + 36'000.76983 * t + 0.0003032 * t * t + centre - 0.00569 -
                           0.00478 * sine(125.04 - 1934.136 * t);
  return longitude - 360 * std::floor(longitude / 360);
}

// Of twelve signs of 30 degrees the one in which the sun stands when a day begins.
int sign_at(std::int32_t day) noexcept {
  return static_cast<int>(sun_longitude(local_midnight(day)) / 30);
}

std::int32_t month_begin(int k) noexcept {
  return local_day(new_moon(k));
}

// The number of the new moon that begins the 11th month of a year.
int eleventh_month(int year) noexcept {
  auto solstice = static_cast<std::int32_t>(days_from_civil({year, 12, 18}));
  while (sign_at(solstice + 1) < 9) ++solstice;  // within the day the sun comes to 270 degrees
  int k = static_cast<int>(std::floor((local_midnight(solstice) - 2'451'550.1) / 29.530588861)) + 1;
  while (month_begin(k) > solstice) --k;
  return k;
}

}  // namespace

std::optional<std::int32_t> lunar_day(int year, int month, int day) noexcept {
  if (year < 1900 || year > 2199 || month < 1 || month > 10 || day < 1 || day > 30) return std::nullopt;
  const int first = eleventh_month(year - 1);
  bool to_repeat = eleventh_month(year) - first == 13;
  int number = 11;
  for (int k = first + 1;; ++k) {
    if (to_repeat && sign_at(month_begin(k)) == sign_at(month_begin(k + 1))) {
      to_repeat = false;
      continue;
    }
    number = number % 12 + 1;
    if (number == month) return month_begin(k) + day - 1;
  }
}

}  // namespace schoolgate
