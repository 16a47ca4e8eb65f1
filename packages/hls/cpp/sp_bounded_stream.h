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

// Regions that are still starting processes.
inline int &opening() {
  static int count = 0;
  return count;
}

inline void look_for_deadlock() {
  if (opening() > 0 || waiting().empty() || static_cast<int>(waiting().size()) < running()) return;
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

// Processes that a thread has started, and how many of them have not ended.
struct region {
  std::vector<std::thread> threads;
  int rest = 0;
};
inline region &own_region() {
  static thread_local region own;
  return own;
}
// Whether a thread is a process itself, which may start others.
inline bool &is_process() {
  static thread_local bool is = false;
  return is;
}

template <class BODY> void start(const BODY &body) {
  region &own = own_region();
  {
    std::unique_lock<std::mutex> held(lock());
    if (own.threads.empty()) ++opening();
    ++running();
    ++own.rest;
  }
  own.threads.emplace_back([body, &own] {
    is_process() = true;
    body();
    std::unique_lock<std::mutex> held(lock());
    --running();
    --own.rest;
    look_for_deadlock();
    change().notify_all();
  });
}

inline void finish() {
  region &own = own_region();
  if (own.threads.empty()) return;
  {
    std::unique_lock<std::mutex> held(lock());
    --opening();
    if (is_process())
      wait_for(held, [&own] { return own.rest == 0; });
    else
      look_for_deadlock();
  }
  for (std::thread &thread : own.threads) thread.join();
  own.threads.clear();
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

  // For testbenches: waits until this many are there, or as many as there can be; until all have been taken.
  void wait_until_filled(std::size_t count) {
    std::unique_lock<std::mutex> held(bounded::lock());
    const std::size_t enough = count < depth_ ? count : depth_;
    bounded::wait_for(held, [this, enough] { return queue_.size() >= enough; });
  }
  void wait_until_empty() {
    std::unique_lock<std::mutex> held(bounded::lock());
    bounded::wait_for(held, [this] { return queue_.empty(); });
  }

 private:
  std::deque<T> queue_;
  std::size_t depth_ = static_cast<std::size_t>(-1);
};

}  // namespace sp

#endif
