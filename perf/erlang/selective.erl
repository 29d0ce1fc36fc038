%% Calls made by a process whose mailbox holds a backlog that no call matches. Twin of ../Macro/Scenarios/Selective.cs.
-module(selective).
-export([round/2]).

%% An operation is one call: a fresh reference sent to a server, the answer taken past Backlog messages.
round(Backlog, Count) ->
    Driver = self(),
    spawn(fun() -> client(Driver, Backlog, Count) end),
    receive done -> Count end.

client(Driver, Backlog, Count) ->
    Server = spawn(fun() -> server() end),
    [self() ! {backlog, N} || N <- lists:seq(1, Backlog)],
    calls(Server, Count),
    Server ! stop,
    Driver ! done.

calls(_Server, 0) -> ok;
calls(Server, Left) ->
    %% Made in the function that receives it: this is what lets the BEAM start its scan at the mark.
    Reference = make_ref(),
    Server ! {self(), Reference},
    receive Reference -> ok end,
    calls(Server, Left - 1).

server() ->
    receive
        {From, Reference} -> From ! Reference, server();
        stop -> ok
    end.
