//===- Fork.h - What a forked process finds ---------------------*- C++ -*-===//
//
// fork copies one thread and all memory, whatever the other threads were doing
// with it. Before it, this file takes every lock of the runtime in the order in
// which everybody takes them: that waits for calls that are running, so that
// the child finds every variable as it is between two calls. In the child the
// locks are as new, and the records of threads that are not there are given
// back. Borrows stay held: who has the handle may end them.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_FORK_H
#define SYM_LIB_RUNTIME_STORE_FORK_H

#include "Variable.h"

namespace sym::rt {

/// Gives a new variable its id, and adds it to those that a fork waits for.
void enlist(Variable &variable);
/// Takes it out, before its memory goes.
void delist(Variable &variable);

/// Registers the handlers. Called where a function is bound: then the libraries
/// that its code calls are there, and ours must run before theirs.
void prepareForFork();

// Mutexes of other files, for the handlers.
void lockLentBuffers();
void unlockLentBuffers();
void lockRetired();
void unlockRetired();
void lockTraceSession();
void unlockTraceSession();
/// In the child: a trace is its parent's.
void forgetTraceSession();

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_FORK_H
