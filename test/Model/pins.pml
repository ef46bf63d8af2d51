/* Pins in slots (lib/Runtime/store/Pins.h) and heads (Head.h), for spin. Keep
 * the two alike. protocol.pml takes "all heads, all pins" as one instant; this
 * is what makes it one.
 *
 * W writers exchange the values of two double-buffered variables, K times each:
 * new values for some, the two swapped, or the old value kept and written in
 * place (as a variable in place does that a value is moved to). Each of R
 * readers reads one or both by slots, or counted if that fails. Steps are
 * single reads and writes of memory; memory is sequentially consistent, as the
 * accesses are declared.
 *
 * Shown: a reader by slots has the values of one instant, between its start and
 * its end (LP); they do not change and are not freed before it leaves; nothing
 * leaks; nobody waits for ever. SEED_* make the mistakes that must be found. ONE
 * uses one of the variables only.
 */

#ifndef W
#define W 1
#endif
#ifndef K
#define K 2
#endif
#ifndef R
#define R 1
#endif
#define V 2
#define B (V + 2 * W + 2 * R)
#define NONE 255
#define COUNTED 100        /* added to a slot's buffer by who counts it */
#define DEAD 99

/* The heads. */
bool held[V], exchanging[V], inSlots[V];
byte version[V];

bool writer[V];            /* L; readers of these variables never take it */
byte cur[V];
byte refs[B];
byte cell[B];
byte slot[R * V];

byte now[V];               /* ghost */
byte values = 0;

#define IN(set, v) (((set) >> (v)) & 1)

inline allocate(b) {
  d_step {
    b = 0;
    do
    :: refs[b] != 0 -> b++
    :: else -> break
    od;
    refs[b] = 1; values++; cell[b] = values
  }
}
inline drop(b) {
  d_step {
    assert(refs[b] > 0);
    refs[b]--;
    if
    :: refs[b] == 0 -> cell[b] = DEAD
    :: else
    fi
  }
}

/* Pins.cpp: who holds the head for exchanging has taken `b` away. */
inline count_slots(b) {
  s = 0;
  do
  :: s < R * V ->
     if
     :: slot[s] == b ->
#ifdef SEED_MARKED_FIRST
        if
        :: atomic { slot[s] == b -> slot[s] = b + COUNTED }; assert(refs[b] > 0); refs[b]++
        :: else
        fi
#else
        assert(refs[b] > 0); refs[b]++;
        if
        :: atomic { slot[s] == b -> slot[s] = b + COUNTED }
        :: atomic { slot[s] != b -> refs[b]-- }
        fi
#endif
     :: else
     fi; s++
  :: else -> break
  od;
  s = 0
}

inline begin_exchange(v) {
  atomic { !held[v] -> held[v] = true; exchanging[v] = true }
}
inline end_exchange(v) {
  d_step {
    version[v]++; held[v] = false; exchanging[v] = false; inSlots[v] = false
  }
}

/* `old` becomes what the variable shows; `made` goes there. */
inline exchange(v, made, old) {
  old = cur[v]; cur[v] = made;
#ifndef SEED_NOT_COUNTED
  if
#ifdef SEED_SEEN_FIRST
  :: IN(seenSlots, v) -> count_slots(old)
#else
  :: inSlots[v] -> count_slots(old)
#endif
  :: else
  fi
#endif
}

proctype exchanger() {
  byte n, set, s, old0 = NONE, old1 = NONE, made0, made1, seenSlots;
  bool swap, keep;
  n = 0;
  do
  :: n < K ->
     /* New values for a set of variables, a swap, or the old value is kept. */
     d_step { swap = false; keep = false }
     if
     :: set = 1
     :: set = 1; keep = true
#ifndef ONE
     :: set = 2
     :: set = 3
     :: set = 3; swap = true
#endif
     fi;
     if
     :: IN(set, 0) -> atomic { !writer[0] -> writer[0] = true }
     :: else
     fi;
     if
     :: IN(set, 1) -> atomic { !writer[1] -> writer[1] = true }
     :: else
     fi;
     if
     :: IN(set, 0) && !swap -> allocate(made0)
     :: else
     fi;
     if
     :: IN(set, 1) && !swap -> allocate(made1)
     :: else
     fi;
     if
     :: swap -> made0 = cur[1]; made1 = cur[0]
     :: else
     fi;
#ifdef SEED_SEEN_FIRST
     seenSlots = inSlots[0] | (inSlots[1] << 1);
#endif
     /* All heads, all exchanges, all heads: one instant. */
     if
     :: IN(set, 0) -> begin_exchange(0)
     :: else
     fi;
#ifndef SEED_EXCHANGED_ONE_BY_ONE
     if
     :: IN(set, 1) -> begin_exchange(1)
     :: else
     fi;
#endif
     d_step { /* LP */
       if
       :: IN(set, 0) -> now[0] = cell[made0]
       :: else
       fi;
       if
       :: IN(set, 1) -> now[1] = cell[made1]
       :: else
       fi
     }
     if
     :: IN(set, 0) -> exchange(0, made0, old0)
     :: else
     fi;
#ifdef SEED_EXCHANGED_ONE_BY_ONE
     if
     :: IN(set, 0) -> end_exchange(0)
     :: else
     fi;
     if
     :: IN(set, 1) -> begin_exchange(1)
     :: else
     fi;
#endif
     if
     :: IN(set, 1) -> exchange(1, made1, old1)
     :: else
     fi;
     if
     :: IN(set, 1) -> end_exchange(1)
     :: else
     fi;
#ifndef SEED_EXCHANGED_ONE_BY_ONE
     if
     :: IN(set, 0) -> end_exchange(0)
     :: else
     fi;
#endif
     /* Invariant 4: what is nobody's but ours is written. */
     if
     :: keep && refs[old0] == 1 -> cell[old0] = DEAD - 1
     :: else
     fi;
     if
     :: IN(set, 1) -> writer[1] = false
     :: else
     fi;
     if
     :: IN(set, 0) -> writer[0] = false
     :: else
     fi;
     if
     :: IN(set, 0) && !swap -> drop(old0)
     :: else
     fi;
     if
     :: IN(set, 1) && !swap -> drop(old1)
     :: else
     fi;
     d_step { old0 = NONE; old1 = NONE; made0 = 0; made1 = 0; seenSlots = 0; n++ }
  :: else -> break
  od
}

/* The first half of pinInSlots. */
inline enter(v) {
  if
  :: IN(set, v) && good ->
     d_step { seenVersion[v] = version[v]; good = inSlots[v] && !exchanging[v] };
     if
     :: good -> got[v] = cur[v]; slot[me * V + v] = got[v];
        entered = entered | (1 << v);
#ifdef SEED_CHECKED_ONE_BY_ONE
        good = !exchanging[v] && version[v] == seenVersion[v]
#endif
     :: else
     fi
  :: else
  fi
}
inline check(v) {
  if
  :: IN(set, v) && good ->
#if defined(SEED_CHECKED_ONE_BY_ONE) || defined(SEED_NOT_CHECKED)
     skip
#elif defined(SEED_CHECKED_BY_BUFFER)
     good = cur[v] == got[v] && !exchanging[v]
#else
     good = !exchanging[v] && version[v] == seenVersion[v]
#endif
  :: else
  fi
}
/* withdrawSlots, but that a marked slot stays where it is. */
inline withdraw(v) {
  if
  :: IN(entered, v) ->
#ifdef SEED_MARK_LOST
     slot[me * V + v] = NONE
#else
     d_step {
       if
       :: slot[me * V + v] < COUNTED -> slot[me * V + v] = NONE
       :: else
       fi
     }
#endif
  :: else
  fi
}
inline leave(v) {
  d_step { b = slot[me * V + v]; slot[me * V + v] = NONE };
  if
  :: b != NONE && b >= COUNTED -> drop(b - COUNTED)
  :: else
  fi
}
inline take_counted(v) {
  if
  :: IN(set, v) -> got[v] = cur[v]; refs[got[v]]++
  :: else
  fi
}
inline look(v) {
  if
  :: IN(set, v) -> assert(cell[got[v]] == seen[v])
  :: else
  fi
}

proctype reader(byte me) {
  byte set, b, entered, got[V], seen[V], seenVersion[V];
  bool good;
  if
  :: set = 1
#ifndef ONE
  :: set = 2
  :: set = 3
#endif
  fi;
  good = true;
  enter(0); enter(1);
  if
  :: good ->
     d_step { seen[0] = now[0]; seen[1] = now[1] }; /* LP, if the checks hold */
     check(0); check(1)
  :: else
  fi;
  if
  :: !good ->
     withdraw(0); withdraw(1);
     if
     :: IN(set, 0) -> atomic { !held[0] -> held[0] = true }
     :: else
     fi;
     if
     :: IN(set, 1) -> atomic { !held[1] -> held[1] = true }
     :: else
     fi;
     take_counted(0); take_counted(1);
     d_step { seen[0] = now[0]; seen[1] = now[1] }; /* LP */
     /* After some reads slots are used: after any number, here. */
     if
     :: IN(set, 1) -> d_step { held[1] = false; inSlots[1] = true }
     :: IN(set, 1) -> held[1] = false
     :: !IN(set, 1)
     fi;
     if
     :: IN(set, 0) -> d_step { held[0] = false; inSlots[0] = true }
     :: IN(set, 0) -> held[0] = false
     :: !IN(set, 0)
     fi
  :: else
  fi;
  look(0); look(1);
  look(0); look(1);
  leave(0); leave(1);
  if
  :: !good && IN(set, 0) -> drop(got[0])
  :: else
  fi;
  if
  :: !good && IN(set, 1) -> drop(got[1])
  :: else
  fi
}

init {
  byte i;
  atomic {
    i = 0;
    do
    :: i < V -> cur[i] = i; refs[i] = 1; values++; cell[i] = values;
       now[i] = values;
       if
       :: inSlots[i] = true
       :: inSlots[i] = false
       fi; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < R * V -> slot[i] = NONE; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < W -> run exchanger(); i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < R -> run reader(i); i++
    :: else -> break
    od
  }
  _nr_pr == 1;
  d_step { /* nothing leaks */
    i = 0;
    do
    :: i < B -> assert(refs[i] == (cur[0] == i || cur[1] == i -> 1 : 0)); i++
    :: else -> break
    od
  }
}
