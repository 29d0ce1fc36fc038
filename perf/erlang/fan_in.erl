%% Many processes send to one. Twin of ../Macro/Scenarios/FanIn.cs.
-module(fan_in).
-export([round/2]).

%% An operation is one message; Count of them in all, equally from each sender.
round(Senders, Count) ->
    Driver = self(),
    Each = Count div Senders,
    Receiver = spawn(fun() -> collect(Driver, Senders * Each) end),
    [spawn(fun() -> send(Receiver, Each) end) || _ <- lists:seq(1, Senders)],
    receive done -> Senders * Each end.

send(_Receiver, 0) -> ok;
send(Receiver, Left) ->
    Receiver ! Left,
    send(Receiver, Left - 1).

collect(Driver, 0) -> Driver ! done;
collect(Driver, Left) ->
    receive N when is_integer(N) -> collect(Driver, Left - 1) end.
