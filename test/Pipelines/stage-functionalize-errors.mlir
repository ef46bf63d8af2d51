// The stage names itself where what it receives is not what it needs.
// RUN: sym-opt --sym-stage-functionalize --verify-diagnostics %s

// expected-error @below {{'sym.expr' op must not remain after the stage 'functionalize'}}
// expected-note @below {{the module may hold}}
sym.expr @e(%x: tensor<i64>) -> tensor<i64> {
  sym.yield %x : tensor<i64>
}
