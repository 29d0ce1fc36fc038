%% A tree of processes, ten children each; the leaves send their number up, every other node the sum of its children. Twin of ../Macro/Scenarios/Skynet.cs.
-module(skynet).
-export([round/2]).

%% An operation is a whole tree of Leaves leaves (a power of Width).
round(Width, Count) ->
    Leaves = power(Width, Count),
    Driver = self(),
    spawn(fun() -> node(Driver, 0, Leaves, Width) end),
    Expected = Leaves * (Leaves - 1) div 2,
    receive Expected -> 1 end.

%% The largest power of Width that is not above Count: the smaller warm-up trees need one too.
power(Width, Count) -> power(Width, Count, 1).
power(Width, Count, Leaves) when Leaves * Width =< Count -> power(Width, Count, Leaves * Width);
power(_Width, _Count, Leaves) -> Leaves.

node(Parent, Number, 1, _Width) ->
    Parent ! Number;
node(Parent, Number, Leaves, Width) ->
    Self = self(),
    Each = Leaves div Width,
    children(Self, Number, Each, Width, Width),
    Parent ! sum(Width, 0).

children(_Self, _Number, _Each, _Width, 0) -> ok;
children(Self, Number, Each, Width, Left) ->
    spawn(fun() -> node(Self, Number, Each, Width) end),
    children(Self, Number + Each, Each, Width, Left - 1).

sum(0, Sum) -> Sum;
sum(Left, Sum) -> receive N -> sum(Left - 1, Sum + N) end.
