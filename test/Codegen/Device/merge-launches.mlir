// Launches that nothing orders become one.
// RUN: sym-opt %s --split-input-file --sym-merge-launches | FileCheck %s
// RUN: sym-opt %s --split-input-file --sym-merge-launches=parameter-bytes=16 | FileCheck %s --check-prefix=FEW

// Two variables, of which each has its update: the first blocks run the one.
// CHECK-LABEL: gpu.func @a_merged
// CHECK-SAME: (%[[X:.*]]: memref<f32>, %[[G:.*]]: index, %[[Y:.*]]: memref<f32>, %[[H:.*]]: index)
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: %[[B:.*]] = gpu.block_id x
// CHECK: %[[C0:.*]] = arith.cmpi ult, %[[B]], %[[G]]
// CHECK: scf.if %[[C0]] {
// CHECK: %[[T:.*]] = gpu.thread_id x
// CHECK: arith.index_cast %[[T]]
// CHECK: %[[MINE:.*]] = arith.subi %[[B]], %[[G]]
// CHECK: %[[C1:.*]] = arith.cmpi ult, %[[MINE]], %[[H]]
// CHECK: scf.if %[[C1]] {
// A block of 32 by 2 threads, in a row.
// CHECK: %[[T:.*]] = gpu.thread_id x
// CHECK: arith.remui %[[T]], %c32
// CHECK: arith.divui %[[T]], %c32
// CHECK: arith.muli %[[MINE]],
// CHECK-NOT: gpu.func
// CHECK: func.func @f.inplace
// CHECK: %[[SUM:.*]] = arith.addi
// CHECK: gpu.launch_func @kernels::@a_merged blocks in (%[[SUM]], %c1{{.*}}, %c1{{.*}}) threads in (%c64
// CHECK-NOT: gpu.launch_func
// FEW-LABEL: func.func @f.inplace
// FEW-COUNT-2: gpu.launch_func
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @a(%x: memref<f32>) kernel {
      %t = gpu.thread_id x
      %i = arith.index_cast %t : index to i32
      %f = arith.sitofp %i : i32 to f32
      memref.store %f, %x[] : memref<f32>
      gpu.return
    }
    gpu.func @b(%y: memref<f32>) kernel {
      %tx = gpu.thread_id x
      %ty = gpu.thread_id y
      %b = gpu.block_id x
      %p = arith.muli %b, %tx : index
      %q = arith.muli %p, %ty : index
      %i = arith.index_cast %q : index to i32
      %f = arith.sitofp %i : i32 to f32
      memref.store %f, %y[] : memref<f32>
      gpu.return
    }
  }
  sym.shared @x : tensor<f32> = dense<0.0>
  sym.shared @y : tensor<f32> = dense<0.0>
  sym.entry @f : (tensor<i64>, tensor<i64>) -> () reads [@x, @y] updates [@x, @y]
      inplace @f.inplace [#sym.slot<inplace>, #sym.slot<inplace>]
      outofplace @f.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]
  func.func @f.inplace(%g: memref<i64>, %h: memref<i64>, %x: memref<f32>, %y: memref<f32>) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    %c64 = arith.constant 64 : index
    %gl = memref.load %g[] : memref<i64>
    %hl = memref.load %h[] : memref<i64>
    %gi = arith.index_cast %gl : i64 to index
    %hi = arith.index_cast %hl : i64 to index
    gpu.launch_func @kernels::@a blocks in (%gi, %c1, %c1) threads in (%c64, %c1, %c1) args(%x : memref<f32>)
    gpu.launch_func @kernels::@b blocks in (%hi, %c1, %c1) threads in (%c32, %c2, %c1) args(%y : memref<f32>)
    return
  }
  func.func @f.outofplace(%g: memref<i64>, %h: memref<i64>, %x: memref<f32>, %y: memref<f32>) {
    %a = sym.alloc_result 0() : memref<f32>
    %b = sym.alloc_result 1() : memref<f32>
    return
  }
}

// -----

// What waits for nothing comes first, whatever stood between; what reads what
// was written, writes what was read, or writes it too, is a launch behind it.
// CHECK-LABEL: func.func @levels
// CHECK: gpu.launch_func @kernels::@write_merged blocks in (%c2, {{.*}} args(%{{[^,]*}} : memref<f32>, %{{[^,]*}} : memref<f32>)
// CHECK: gpu.launch_func @kernels::@copy_merged{{[_0-9]*}} blocks
// CHECK-NOT: gpu.launch_func
// CHECK: return

// Arguments of a function that no entry names may overlap.
// CHECK-LABEL: func.func @arguments
// CHECK-COUNT-2: gpu.launch_func @kernels::@write {{ *}}blocks
// CHECK: return
// CHECK-LABEL: func.func @arguments_read
// CHECK: gpu.launch_func @kernels::@copy_merged{{[_0-9]*}} blocks

// Views of an arena overlap where they begin at the same place, or where a static
// size says so.
// CHECK-LABEL: func.func @same_place
// CHECK-COUNT-2: gpu.launch_func @kernels::@write {{ *}}blocks
// CHECK: return
// CHECK-LABEL: func.func @overlap
// CHECK-COUNT-2: gpu.launch_func @kernels::@write {{ *}}blocks
// CHECK: return
// CHECK-LABEL: func.func @apart
// CHECK: gpu.launch_func @kernels::@write_merged{{[_0-9]*}} blocks
// CHECK-LABEL: func.func @dynamic
// CHECK: gpu.launch_func @kernels::@write_merged{{[_0-9]*}} blocks

// A buffer that was chosen may be any; so may one that comes from a loop.
// CHECK-LABEL: func.func @chosen
// CHECK-COUNT-2: gpu.launch_func @kernels::@write {{ *}}blocks
// CHECK: return

// The host reads one of them: that launch stays ahead.
// CHECK-LABEL: func.func @host_reads
// CHECK: gpu.launch_func @kernels::@write {{ *}}blocks
// CHECK: memref.load
// CHECK: gpu.launch_func @kernels::@write {{ *}}blocks
// A load of something else does not matter.
// CHECK-LABEL: func.func @host_reads_other
// CHECK: memref.load
// CHECK: gpu.launch_func @kernels::@write_merged{{[_0-9]*}} blocks

// Copies are in order with launches; and buffers are freed behind them.
// CHECK-LABEL: func.func @copies
// CHECK: gpu.launch_func @kernels::@write_merged{{[_0-9]*}} blocks
// CHECK: memref.copy
// CHECK: memref.dealloc
// CHECK: memref.dealloc

// Blocks of different size stay apart, as do kernels with much shared memory;
// little is shared by members.
// CHECK-LABEL: func.func @sizes
// CHECK: gpu.launch_func @kernels::@write {{ *}}blocks
// CHECK: gpu.launch_func @kernels::@write {{ *}}blocks
// CHECK: return
// CHECK-LABEL: func.func @tiles
// CHECK: gpu.launch_func @kernels::@tile {{ *}}blocks
// CHECK: gpu.launch_func @kernels::@tile {{ *}}blocks
// CHECK: return
// CHECK-LABEL: func.func @small_tiles
// CHECK: gpu.launch_func @kernels::@small_tile_merged{{[_0-9]*}} blocks
// CHECK: gpu.func @small_tile_merged({{.*}}) workgroup(%{{[^,]*}} : memref<8xf32, #gpu.address_space<workgroup>>) kernel
// A launch with a token is left alone.
// CHECK-LABEL: func.func @token
// CHECK-COUNT-2: gpu.launch_func
module attributes {gpu.container_module} {
  func.func @levels() {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    %c = memref.alloc() : memref<f32>
    %d = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>, %c : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>, %d : memref<f32>)
    return
  }
  func.func @arguments(%a: memref<f32>, %b: memref<f32>) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
  func.func @arguments_read() {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %c = memref.alloc() : memref<f32>
    %d = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>, %c : memref<f32>)
    gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>, %d : memref<f32>)
    return
  }
  func.func @same_place(%n: index, %at: index) {
    %c1 = arith.constant 1 : index
    %arena = sym.arena %n : memref<?xi8>
    %a = memref.view %arena[%at][] : memref<?xi8> to memref<f32>
    %b = memref.view %arena[%at][] : memref<?xi8> to memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
  func.func @overlap(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %arena = sym.arena %n : memref<?xi8>
    %long = memref.view %arena[%c0][] : memref<?xi8> to memref<20xf32>
    %a = memref.reinterpret_cast %long to offset: [0], sizes: [], strides: [] : memref<20xf32> to memref<f32>
    %b = memref.view %arena[%c64][] : memref<?xi8> to memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
  func.func @apart(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %arena = sym.arena %n : memref<?xi8>
    %long = memref.view %arena[%c0][] : memref<?xi8> to memref<16xf32>
    %a = memref.reinterpret_cast %long to offset: [0], sizes: [], strides: [] : memref<16xf32> to memref<f32>
    %b = memref.view %arena[%c64][] : memref<?xi8> to memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
  func.func @dynamic(%n: index, %at: index, %next: index) {
    %c1 = arith.constant 1 : index
    %arena = sym.arena %n : memref<?xi8>
    %a = memref.view %arena[%at][] : memref<?xi8> to memref<f32>
    %b = memref.view %arena[%next][] : memref<?xi8> to memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
  func.func @chosen(%condition: i1) {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    %c = memref.alloc() : memref<f32>
    %either = arith.select %condition, %a, %b : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%either : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%c : memref<f32>)
    return
  }
  func.func @host_reads() -> f32 {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    %v = memref.load %a[] : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return %v : f32
  }
  func.func @host_reads_other() -> f32 {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    %v = memref.load %b[] : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return %v : f32
  }
  func.func @copies() {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    %c = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    memref.copy %a, %c : memref<f32> to memref<f32>
    memref.dealloc %a : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    memref.dealloc %b : memref<f32>
    return
  }
  func.func @sizes() {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c2, %c1, %c1) args(%b : memref<f32>)
    return
  }
  func.func @tiles() {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@tile blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@tile blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
  func.func @small_tiles() {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    gpu.launch_func @kernels::@small_tile blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@small_tile blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
  gpu.module @kernels {
    gpu.func @write(%x: memref<f32>) kernel {
      %f = arith.constant 1.0 : f32
      memref.store %f, %x[] : memref<f32>
      gpu.return
    }
    gpu.func @copy(%x: memref<f32>, %y: memref<f32>) kernel {
      %f = memref.load %x[] : memref<f32>
      %v = memref.reinterpret_cast %y to offset: [0], sizes: [1], strides: [1] : memref<f32> to memref<1xf32>
      %c0 = arith.constant 0 : index
      memref.store %f, %v[%c0] : memref<1xf32>
      gpu.return
    }
    gpu.func @small_tile(%x: memref<f32>) workgroup(%s: memref<8xf32, #gpu.address_space<workgroup>>) kernel {
      %c0 = arith.constant 0 : index
      %f = memref.load %s[%c0] : memref<8xf32, #gpu.address_space<workgroup>>
      memref.store %f, %x[] : memref<f32>
      gpu.return
    }
    gpu.func @tile(%x: memref<f32>) workgroup(%s: memref<32x100xf32, #gpu.address_space<workgroup>>) kernel {
      %c0 = arith.constant 0 : index
      %f = memref.load %s[%c0, %c0] : memref<32x100xf32, #gpu.address_space<workgroup>>
      memref.store %f, %x[] : memref<f32>
      gpu.return
    }
  }
  func.func @token() {
    %c1 = arith.constant 1 : index
    %a = memref.alloc() : memref<f32>
    %b = memref.alloc() : memref<f32>
    %t = gpu.launch_func async @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<f32>)
    gpu.launch_func @kernels::@write blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%b : memref<f32>)
    return
  }
}
