// T7: accesses to the buffer of a relaxed variable carry its scope, for the
// sanitizers, be there other buffers or not.
// RUN: sym-opt %s --sym-annotate-aliasing | FileCheck %s

// CHECK: #[[R:.*]] = #llvm.alias_scope<id = distinct[{{.*}}]<>, domain = {{.*}}, description = "sym.relaxed">
// CHECK: llvm.func @f(%{{.*}}: !llvm.ptr {llvm.noalias})
llvm.func @f(%s: !llvm.ptr {llvm.noalias, sym.relaxed}) {
  // CHECK: llvm.load %{{.*}} {alias_scopes = [#[[R]]]
  %x = llvm.load %s : !llvm.ptr -> f32
  llvm.return
}
