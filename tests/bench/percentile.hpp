// What many samples say.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace hubbub::bench {

/// The value below which `share` of the samples are. Reorders them. NaN without samples.
inline double percentile(std::vector<double>& samples, double share) {
  if (samples.empty()) return std::nan("");
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(samples.size() - 1));
  std::nth_element(samples.begin(), samples.begin() + at, samples.end());
  return samples[static_cast<std::size_t>(at)];
}

}  // namespace hubbub::bench
