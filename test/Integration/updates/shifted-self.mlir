// A new value that reads the old one at other places: a shift by one, and a reversal.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<5xi64> = dense<[1, 2, 3, 4, 5]>
sym.func @shift() {
  %s = sym.read @s : tensor<5xi64>
  %part = tensor.extract_slice %s[0] [4] [1] : tensor<5xi64> to tensor<4xi64>
  %n = tensor.insert_slice %part into %s[1] [4] [1] : tensor<4xi64> into tensor<5xi64>
  sym.return updates(@s = %n : tensor<5xi64>)
}
sym.func @reverse() {
  %s = sym.read @s : tensor<5xi64>
  %empty = tensor.empty() : tensor<5xi64>
  %c4 = arith.constant 4 : index
  %n = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      outs(%empty : tensor<5xi64>) {
  ^bb0(%o: i64):
    %i = linalg.index 0 : index
    %j = arith.subi %c4, %i : index
    %x = tensor.extract %s[%j] : tensor<5xi64>
    linalg.yield %x : i64
  } -> tensor<5xi64>
  sym.return updates(@s = %n : tensor<5xi64>)
}
func.func @main() {
  sym.call @shift() : () -> ()
  %a = sym.get_value @s : tensor<5xi64>
  // CHECK: [1 1 2 3 4]
  sym.print %a : tensor<5xi64>
  sym.call @reverse() : () -> ()
  %b = sym.get_value @s : tensor<5xi64>
  // CHECK: [4 3 2 1 1]
  sym.print %b : tensor<5xi64>
  return
}
