#include "rules/patterns/match/filter.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace schoolgate::pattern {

std::size_t find_grams_portable(const GramFilter& filter, const Symbol* text, std::size_t size,
                                std::uint32_t* found) noexcept {
  std::uint32_t* next = found;  // written without a branch, kept if the filter says so
  for (std::uint32_t i = 0; i < size; ++i) {
    std::uint32_t gram;
    std::memcpy(&gram, text + i, sizeof gram);
    *next = i;
    next += filter.may_hold(gram);
  }
  return static_cast<std::size_t>(next - found);
}

#if defined(__x86_64__)
namespace {

__attribute__((target("avx2,bmi2,popcnt"))) std::size_t find_grams_avx2(const GramFilter& filter,
                                                                        const Symbol* text, std::size_t size,
                                                                        std::uint32_t* found) noexcept {
  const __m256i windows = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6,  //
                                           4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
  const __m256i factor = _mm256_set1_epi32(static_cast<int>(GramFilter::factor));
  const __m256i low5 = _mm256_set1_epi32(31);
  const __m256i mask = _mm256_set1_epi32(static_cast<int>(filter.mask));
  const auto* const words = reinterpret_cast<const int*>(filter.words);
  std::uint32_t* next = found;
  for (std::size_t i = 0; i < size; i += 8) {
    const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
    const __m256i grams = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(sixteen), windows);
    const __m256i mixed = _mm256_xor_si256(grams, _mm256_srli_epi32(grams, 15));
    const __m256i hash = _mm256_mullo_epi32(mixed, factor);
    const __m256i at = _mm256_and_si256(_mm256_srli_epi32(hash, GramFilter::to_word), mask);
    const __m256i word = _mm256_i32gather_epi32(words, at, 4);
    const __m256i to_first = _mm256_and_si256(_mm256_srli_epi32(hash, GramFilter::to_first), low5);
    const __m256i to_second = _mm256_and_si256(_mm256_srli_epi32(hash, GramFilter::to_second), low5);
    const __m256i first = _mm256_srlv_epi32(word, to_first), second = _mm256_srlv_epi32(word, to_second);
    const __m256i both = _mm256_slli_epi32(_mm256_and_si256(first, second), 31);
    auto pass = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(both)));
    if (size - i < 8) pass &= (1u << (size - i)) - 1;
    // The numbers of the bits set in `pass`, a byte each, then 32 bits each.
    const std::uint64_t chosen = _pdep_u64(pass, 0x0101010101010101) * 0xff;
    const std::uint64_t numbers = _pext_u64(0x0706050403020100, chosen);
    const __m256i places =
        _mm256_add_epi32(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(numbers))),
                         _mm256_set1_epi32(static_cast<int>(i)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(next), places);
    next += _mm_popcnt_u32(pass);
  }
  return static_cast<std::size_t>(next - found);
}

}  // namespace

FindGrams fastest_find_grams() noexcept {
  const bool has_it = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
  return has_it ? find_grams_avx2 : find_grams_portable;
}
#else
FindGrams fastest_find_grams() noexcept {
  return find_grams_portable;
}
#endif

}  // namespace schoolgate::pattern
