// Long work beside workers that serve.
#pragma once

#include <functional>

namespace schoolgate::tools {

// Does `work` on a thread of its own and waits for it; what it throws is thrown here. After each half
// millisecond that thread leaves its processor for a moment, so that a worker that has woken there waits no
// longer: some kernels let a thread that reckons go on until their next tick, 4 ms, whatever its priority. It
// takes a tenth longer for it. Calls within `work` that wait for the kernel go on after such a rest
// (SA_RESTART); those that do not (poll(2), sleeps) must bear EINTR.
void paced(const std::function<void()>& work);

}  // namespace schoolgate::tools
