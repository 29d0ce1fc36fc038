using System.Numerics;
using CloudScale.Tool.Terms;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>Terms as users type them.</summary>
public sealed class TermParserTests
{
    private static readonly NodeIdentity s_peer = new(Atom.Of("peer@127.0.0.1"), 7);

    [TestCase("42", "42")]
    [TestCase("-7", "-7")]
    [TestCase("1_000", "1000")]
    [TestCase("16#fF", "255")]
    [TestCase("-2#101", "-5")]
    [TestCase("$a", "97")]
    [TestCase(@"$\n", "10")]
    [TestCase("2.5", "2.5")]
    [TestCase("-1.0e-3", "-0.001")]
    [TestCase("ok", "ok")]
    [TestCase("a@b_C1", "a@b_C1")]
    [TestCase("'Hello there'", "'Hello there'")]
    [TestCase(@"'it\'s'", @"'it\'s'")]
    [TestCase("[]", "[]")]
    [TestCase("[1, [2] | t]", "[1,[2]|t]")]
    [TestCase("[1 | [2, 3]]", "[1,2,3]")]
    [TestCase("{}", "{}")]
    [TestCase("{a, {b}, [c]} .", "{a,{b},[c]}")]
    [TestCase("#{}", "#{}")]
    [TestCase("#{a => 1, \"b\" => 2, a => 3}", "#{a => 3,\"b\" => 2}")]
    [TestCase("<<>>", "<<>>")]
    [TestCase("<<1, 2, 255>>", "<<1,2,255>>")]
    [TestCase("<<\"ab\", 99>>", "<<\"abc\">>")]
    [TestCase("<<\"é\"/utf8>>", "<<\"é\"/utf8>>")]
    [TestCase("fun lists:sum/1", "fun lists:sum/1")]
    [TestCase("<0.90.3>", "<peer@127.0.0.1.90.3>")]
    [TestCase("<peer@127.0.0.1.90.3>", "<peer@127.0.0.1.90.3>")]
    public void Parse_Term_IsWhatErlangWouldMakeOfIt(string text, string term) =>
        Assert.That(IoLib.Format("~0tp", TermParser.Parse(text, null, s_peer)), Is.EqualTo(term));

    [Test]
    public void Parse_TextsAndLargeNumbers_AreOfTheTypesOfTerms()
    {
        Assert.That(TermParser.Parse("\"a\\x{1F600}\\t\""), Is.EqualTo(List.FromString("a😀\t")));
        Assert.That(TermParser.Parse("123456789012345678901234567890"), Is.EqualTo(BigInteger.Parse("123456789012345678901234567890")));
        Assert.That(TermParser.Parse("9223372036854775807"), Is.EqualTo(long.MaxValue));
    }

    [TestCase("", "expected a term at the end")]
    [TestCase("{a", "expected '}' at the end")]
    [TestCase("'open", "no closing quote")]
    [TestCase("a b", "something follows")]
    [TestCase("X", "variable 'X' is unbound")]
    [TestCase("37#1", "a base is 2 to 36")]
    [TestCase("<<256>>", "expected a byte")]
    [TestCase("<<\"ü€\">>", "need /utf8")]
    [TestCase("1.0e999", "too large")]
    [TestCase("<other@host.1.2>", "not one of")]
    [TestCase("#{a : 1}", "expected '=>'")]
    public void Parse_Nonsense_SaysWhatIsWrong(string text, string why) =>
        Assert.That(() => TermParser.Parse(text, null, s_peer), Throws.TypeOf<TermSyntaxException>().With.Message.Contains(why));

    [Test]
    public void Parse_DeepNesting_IsRefused() =>
        Assert.That(
            () => TermParser.Parse(new string('[', 100_000)),
            Throws.TypeOf<TermSyntaxException>().With.Message.Contains("nested deeper")
        );

    [Test]
    public void ParseCall_WithVariablesAndModules()
    {
        Dictionary<string, object> bindings = new() { ["Xs"] = List.Of(1L, 2L) };
        TermCall call = TermParser.ParseCall("Sum = lists:sum(Xs).", bindings);
        Assert.That((call.Variable, call.Module.Name, call.Function.Name), Is.EqualTo(("Sum", "lists", "sum")));
        Assert.That(call.Arguments, Is.EqualTo(List.Of(List.Of(1L, 2L))));
        call = TermParser.ParseCall(" node ( ) ");
        Assert.That(
            (call.Variable, call.Module.Name, call.Function.Name, call.Arguments.Count),
            Is.EqualTo(((string?)null, "erlang", "node", 0))
        );
        Assert.That(() => TermParser.ParseCall("lists:sum"), Throws.TypeOf<TermSyntaxException>());
    }

    [TestCase("{call, _}", "{call,1}", true)]
    [TestCase("{call, _}", "{call,1,2}", false)]
    [TestCase("call", "{'$gen_call',{x,y},{call,[1]}}", true)]
    [TestCase("call", "{'$gen_call',{x,y},{cast,[1]}}", false)]
    [TestCase("#{k => _}", "#{k => 1,other => 2}", true)]
    [TestCase("#{k => 2}", "#{k => 1}", false)]
    [TestCase("[1, _]", "[1,2]", true)]
    [TestCase("7", "[1,{a,7}]", true)]
    public void Pattern_Matches_WhatItNames(string pattern, string term, bool matches)
    {
        Dictionary<string, object> any = new() { ["_"] = Atom.Of("_") };
        Assert.That(TermPattern.Matches(TermParser.Parse(pattern, any), TermParser.Parse(term)), Is.EqualTo(matches));
    }
}
