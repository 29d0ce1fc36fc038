#!/usr/bin/env escript
%% Makes each record of some files as Erlang makes it, #name{}, and prints it: File, record, the term in base 64, tab-separated. A record whose defaults call functions
%% that are not at hand is left out.

main(Files) ->
    [print(File) || File <- Files].

print(File) ->
    Declared = declarations(forms(File)),
    [one(File, Record, Declared) || {attribute, _, record, {Record, _}} <- Declared].

forms(File) ->
    case filename:extension(File) of
        ".beam" ->
            {ok, {_, [{abstract_code, {_, Forms}}]}} = beam_lib:chunks(File, [abstract_code]),
            Forms;
        _ ->
            {ok, Forms} = epp:parse_file(File, []),
            Forms
    end.

declarations(Forms) -> [Form || {attribute, _, Kind, _} = Form <- Forms, lists:member(Kind, [record, type, opaque])].

one(File, Record, Declared) ->
    Module = [{attribute, 1, module, made_here}, {attribute, 1, export, [{make, 0}]}] ++ Declared
        ++ [{function, 1, make, 0, [{clause, 1, [], [], [{record, 1, Record, []}]}]}],
    case compile:forms(Module, [binary, return_errors]) of
        {ok, made_here, Code} -> load(File, Record, Code);
        {ok, made_here, Code, _} -> load(File, Record, Code);
        _ -> ok
    end.

load(File, Record, Code) ->
    {module, made_here} = code:load_binary(made_here, "made_here", Code),
    try made_here:make() of
        Term -> io:format("~ts\t~ts\t~ts~n", [File, Record, base64:encode(term_to_binary(Term, [{minor_version, 2}]))])
    catch
        _:_ -> ok
    end,
    code:purge(made_here),
    code:delete(made_here),
    code:purge(made_here).
