// Streams of limited length and processes that really are concurrent: for runs of a network with the FIFOs that it has in
// hardware (-DSP_BOUNDED -pthread). Where all processes wait for one another, the program says so and ends with code 3.
#ifndef SP_BOUNDED_STREAM_H
#define SP_BOUNDED_STREAM_H

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sp {
namespace bounded {

inline std::mutex &lock() {
  static std::mutex one;
  return one;
}
inline std::condition_variable &change() {
  static std::condition_variable one;
  return one;
}

// Processes that run, and what those that wait are waiting for.
inline int &running() {
  static int count = 0;
  return count;
}
inline std::vector<const std::function<bool()> *> &waiting() {
  static std::vector<const std::function<bool()> *> all;
  return all;
}

// Whether all processes have been started.
inline bool &complete() {
  static bool all = true;
  return all;
}

inline void look_for_deadlock() {
  if (!complete() || waiting().empty() || static_cast<int>(waiting().size()) < running()) return;
  for (const std::function<bool()> *ready : waiting())
    if ((*ready)()) return;
  std::fprintf(stderr, "deadlock: all processes wait for one another\n");
  std::_Exit(3);
}

// Waits with the lock held.
inline void wait_for(std::unique_lock<std::mutex> &held, const std::function<bool()> &ready) {
  if (ready()) return;
  waiting().push_back(&ready);
  while (!ready()) {
    look_for_deadlock();
    change().wait(held);
  }
  for (std::size_t j = 0; j < waiting().size(); ++j) {
    if (waiting()[j] != &ready) continue;
    waiting()[j] = waiting().back();
    waiting().pop_back();
    break;
  }
}

inline std::vector<std::thread> &threads() {
  static std::vector<std::thread> all;
  return all;
}

template <class BODY> void start(const BODY &body) {
  {
    std::unique_lock<std::mutex> held(lock());
    complete() = false;
    ++running();
  }
  threads().emplace_back([body] {
    body();
    std::unique_lock<std::mutex> held(lock());
    --running();
    look_for_deadlock();
    change().notify_all();
  });
}

inline void finish() {
  {
    std::unique_lock<std::mutex> held(lock());
    complete() = true;
    look_for_deadlock();
  }
  for (std::thread &thread : threads()) thread.join();
  threads().clear();
}

}  // namespace bounded

template <class T> class stream {
 public:
  void limit(int depth) { depth_ = static_cast<std::size_t>(depth); }
  T read() {
    std::unique_lock<std::mutex> held(bounded::lock());
    bounded::wait_for(held, [this] { return !queue_.empty(); });
    const T first = queue_.front();
    queue_.pop_front();
    bounded::change().notify_all();
    return first;
  }
  void write(const T &x) {
    std::unique_lock<std::mutex> held(bounded::lock());
    bounded::wait_for(held, [this] { return queue_.size() < depth_; });
    queue_.push_back(x);
    bounded::change().notify_all();
  }
  bool empty() const { return queue_.empty(); }

 private:
  std::deque<T> queue_;
  std::size_t depth_ = static_cast<std::size_t>(-1);
};

}  // namespace sp

#endif
