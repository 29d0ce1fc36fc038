using CloudScale;

namespace CloudScaleApp;

/// <summary>Functions for other nodes. To Erlang: erpc:call('app@127.0.0.1', greetings, hello, [&lt;&lt;"Joe"&gt;&gt;]).</summary>
[ErlangModule("greetings")]
public sealed partial class Greetings
{
    [ErlangFunction]
    public static string Hello(string name) => $"Hello, {name}!";
}
