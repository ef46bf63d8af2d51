// Accesses of buffers that the runtime gave say that they do not overlap.
// RUN: sym-opt %s --sym-annotate-aliasing | FileCheck %s

// CHECK-DAG: #[[S:.*]] = #llvm.alias_scope<id = distinct[1]
// CHECK-DAG: #[[R:.*]] = #llvm.alias_scope<id = distinct[2]
llvm.func @sym_rt_result(!llvm.ptr, i32, !llvm.ptr) -> !llvm.ptr
llvm.func @f(%frame: !llvm.ptr, %s: !llvm.ptr {llvm.noalias}) {
  %0 = llvm.mlir.constant(0 : i32) : i32
  %r = llvm.call @sym_rt_result(%frame, %0, %frame) : (!llvm.ptr, i32, !llvm.ptr) -> !llvm.ptr
  // CHECK: llvm.load %{{.*}} {alias_scopes = [#[[S]]], noalias_scopes = [#[[R]]]}
  %x = llvm.load %s : !llvm.ptr -> f32
  %p = llvm.getelementptr %r[1] : (!llvm.ptr) -> !llvm.ptr, f32
  // CHECK: llvm.store %{{.*}} {alias_scopes = [#[[R]]], noalias_scopes = [#[[S]]]}
  llvm.store %x, %p : f32, !llvm.ptr
  // The frame may be anywhere.
  // CHECK: llvm.load %{{[^{]*}} : !llvm.ptr -> i64
  %y = llvm.load %frame : !llvm.ptr -> i64
  llvm.return
}
