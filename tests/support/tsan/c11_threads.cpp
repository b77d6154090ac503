/// @file
/// C11 threads on POSIX threads, for ThreadSanitizer. librdkafka makes its threads and locks with
/// the C11 functions, of which ThreadSanitizer knows none: it crashes in such a thread, and would
/// take what the locks order for races. Loaded before libc, these definitions stand in for libc's,
/// whose types are POSIX's under another name.

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>

#include <pthread.h>
#include <threads.h>

static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) && sizeof(cnd_t) >= sizeof(pthread_cond_t));

namespace {

pthread_mutex_t* posix(mtx_t* m) {
    return reinterpret_cast<pthread_mutex_t*>(m);
}

pthread_cond_t* posix(cnd_t* c) {
    return reinterpret_cast<pthread_cond_t*>(c);
}

int answer(int error) {
    switch (error) {
        case 0:
            return thrd_success;
        case EBUSY:
            return thrd_busy;
        case ETIMEDOUT:
            return thrd_timedout;
        case ENOMEM:
        case EAGAIN:
            return thrd_nomem;
        default:
            return thrd_error;
    }
}

struct beginning {
    thrd_start_t function;
    void* argument;
};

void* run(void* p) {
    const std::unique_ptr<beginning> b(static_cast<beginning*>(p));
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(b->function(b->argument)));
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
    auto b = std::make_unique<beginning>(function, argument);
    const int error = pthread_create(thread, nullptr, run, b.get());
    if (error == 0) static_cast<void>(b.release());
    return answer(error);
}

int thrd_join(thrd_t thread, int* result) {
    void* returned = nullptr;
    const int error = pthread_join(thread, &returned);
    if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
    return answer(error);
}

int thrd_detach(thrd_t thread) {
    return answer(pthread_detach(thread));
}

int mtx_init(mtx_t* m, int type) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if ((type & mtx_recursive) != 0) {
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    }
    const int error = pthread_mutex_init(posix(m), &attributes);
    pthread_mutexattr_destroy(&attributes);
    return answer(error);
}

void mtx_destroy(mtx_t* m) {
    pthread_mutex_destroy(posix(m));
}

int mtx_lock(mtx_t* m) {
    return answer(pthread_mutex_lock(posix(m)));
}

int mtx_trylock(mtx_t* m) {
    return answer(pthread_mutex_trylock(posix(m)));
}

int mtx_timedlock(mtx_t* m, const timespec* until) {
    return answer(pthread_mutex_timedlock(posix(m), until));
}

int mtx_unlock(mtx_t* m) {
    return answer(pthread_mutex_unlock(posix(m)));
}

int cnd_init(cnd_t* c) {
    return answer(pthread_cond_init(posix(c), nullptr));
}

void cnd_destroy(cnd_t* c) {
    pthread_cond_destroy(posix(c));
}

int cnd_signal(cnd_t* c) {
    return answer(pthread_cond_signal(posix(c)));
}

int cnd_broadcast(cnd_t* c) {
    return answer(pthread_cond_broadcast(posix(c)));
}

int cnd_wait(cnd_t* c, mtx_t* m) {
    return answer(pthread_cond_wait(posix(c), posix(m)));
}

int cnd_timedwait(cnd_t* c, mtx_t* m, const timespec* until) {
    return answer(pthread_cond_timedwait(posix(c), posix(m), until));
}

}  // extern "C"
