%% A ring in which each process starts with a number of its own, so that all of them are busy. Twin of ../Macro/Scenarios/RingTokens.cs.
-module(ring_tokens).
-export([round/2]).

%% An operation is one hop; Count of them in all, equally by each of Size numbers.
round(Size, Count) ->
    Driver = self(),
    Hops = max(Count div Size, 1),
    First = spawn(fun() -> first(Driver, Size, Hops) end),
    wait(Size),
    First ! -1,
    Size * Hops.

first(Driver, Size, Hops) ->
    Next = build(self(), Driver, Size - 1, Hops),
    start(Next, Driver, Hops).

build(Next, _Driver, 0, _Hops) -> Next;
build(Next, Driver, Left, Hops) -> build(spawn(fun() -> start(Next, Driver, Hops) end), Driver, Left - 1, Hops).

start(Next, Driver, Hops) ->
    Next ! Hops - 1,
    member(Next, Driver).

%% Whoever takes a zero tells the driver and drops the number; a negative one goes once round and ends everybody.
member(Next, Driver) ->
    receive
        0 -> Driver ! done, member(Next, Driver);
        N when N > 0 -> Next ! N - 1, member(Next, Driver);
        N when N < 0 -> Next ! N - 1
    end.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
