%% A number goes round a ring of processes and loses one at each hop. Twin of ../Macro/Scenarios/Ring.cs.
-module(ring).
-export([round/2]).

%% An operation is one hop.
round(Size, Hops) ->
    Driver = self(),
    First = spawn(fun() -> first(Driver, Size, Hops) end),
    First ! Hops,
    receive done -> Hops end.

%% The first process builds the others behind itself, last one first, and then is one of them.
first(Driver, Size, _Hops) ->
    Next = build(self(), Driver, Size - 1),
    member(Next, Driver).

build(Next, _Driver, 0) -> Next;
build(Next, Driver, Left) -> build(spawn(fun() -> member(Next, Driver) end), Driver, Left - 1).

%% The process that takes the zero tells the driver; a negative number goes once more round and ends everybody.
member(Next, Driver) ->
    receive
        N when N > 0 -> Next ! N - 1, member(Next, Driver);
        0 -> Driver ! done, Next ! -1;
        N when N < 0 -> Next ! N - 1
    end.
