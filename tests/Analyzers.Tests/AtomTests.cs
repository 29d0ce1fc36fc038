namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class AtomTests
{
    [TestCase("Atom.Of({|CSP015:Console.In.ReadLine()|}!);")]
    [TestCase("string? line = Console.In.ReadLine(); Atom a = {|CSP015:line|}!;")]
    [TestCase("Atom.Of({|CSP015:Console.In.ReadLine()!.Trim().ToLowerInvariant()|});")]
    [TestCase("foreach (string word in Console.In.ReadLine()!.Split(' ')) Atom.Of({|CSP015:word|});")]
    [TestCase("Atom.Of({|CSP015:Encoding.UTF8.GetString(new byte[4])|});")]
    [TestCase("Atom.Of({|CSP015:Guid.NewGuid().ToString()|});")]
    [TestCase("Atom.Of({|CSP015:$\"job_{Guid.NewGuid()}\"|});")]
    [TestCase("Atom.Of({|CSP015:\"job_\" + s_next++|});")]
    [TestCase("Atom.Of({|CSP015:$\"job_{Interlocked.Increment(ref s_next)}\"|});")]
    [TestCase("Atom.Of({|CSP015:$\"at_{DateTime.Now:yyyy}\"|});")]
    [TestCase("Atom.Of({|CSP015:string.Concat(\"a\", self.MakeReference().ToString())|});")]
    [TestCase("switch (await self.Receive()) { case string s: Atom.Of({|CSP015:s|}); break; }")]
    [TestCase("if (await self.Receive() is Named named) Atom.Of({|CSP015:named.Name|});")]
    [TestCase("Named named = await self.Receive<Named>(); self.Send({|CSP015:named.Name|}, 1L);")]
    [TestCase("if (await self.Receive() is long n) Atom.Of({|CSP015:$\"room_{n}\"|});")]
    [TestCase("object got = await self.Receive(); if (got is Tuple { Count: 2 } t && t[1] is Binary b) Atom.Of({|CSP015:b.ToString()|});")]
    public Task Atom_OfAnything_IsFound(string statements) =>
        Check.Finds(Check.Body(statements, "static int s_next;", "public sealed record Named(string Name);"));

    [TestCase("Atom.Of(\"ok\");")]
    [TestCase("Atom a = \"ok\";")]
    [TestCase("Atom.Of(nameof(Plain));")]
    [TestCase("const string Name = \"a\"; Atom.Of(Name + \"b\"); Atom.Of($\"{Name}_c\");")]
    [TestCase("Atom.Of(DayOfWeek.Monday.ToString()); Atom.Of($\"on_{DateTime.Now.DayOfWeek}\");")]
    [TestCase("Atom.Of(typeof(Plain).Name); Atom.Of(self.GetType().Name);")]
    [TestCase("for (int i = 0; i < 4; i++) Atom.Of($\"worker_{i}\");")]
    [TestCase("foreach (string one in new[] { \"a\", \"b\" }) Atom.Of(one);")]
    [TestCase("Atom.Of(Environment.MachineName); Atom.Of($\"shop_{Environment.ProcessId}@host\");")]
    [TestCase("Atom.Of(s_options.Name); Atom.Of($\"{s_options.Name}@{s_options.Host}:{s_options.Port}\");")]
    [TestCase("if (await self.Receive() is Atom got) Atom.Of($\"{got.Name}_sup\");")]
    [TestCase("if (Atom.TryGetExisting(Console.In.ReadLine()!, out Atom? known)) self.Send(known, 1L);")]
    [TestCase("Atom.Of(token.CanBeCanceled ? \"yes\" : \"no\");")]
    public Task Atom_OfFewNames_IsNotFound(string statements) =>
        Check.FindsNothing(
            Check.Body(
                statements,
                "static readonly Options s_options = new();",
                "public sealed class Options { public string Name { get; init; } = \"\"; public string Host { get; init; } = \"\"; public int Port { get; init; } }"
            )
        );

    [TestCase("public static Atom Name(string text) => Atom.Of({|CSP016:text|});")]
    [TestCase("internal static Atom Name(string text) => {|CSP016:text|};")]
    [TestCase("public static Atom Name(string text) => Atom.Of({|CSP016:$\"x_{text.Trim()}\"|});")]
    public Task Atom_OfAParameter_IsAHint(string member) =>
        Check.Finds(Check.Body("", member), "This makes an atom of whatever callers pass as 'text', and atoms are never freed");

    [TestCase("private static Atom Name(string text) => Atom.Of(text);")]
    [TestCase("static Func<string, Atom> s_make = text => Atom.Of(text);")]
    [TestCase("static void Main(string[] args) => Atom.Of(args[0]);")]
    public Task Atom_OfAPrivateParameter_IsNotFound(string member) => Check.FindsNothing(Check.Body("", member));

    [Test]
    public Task Messages_SayWhatItIsMadeOf() =>
        Check.Finds(
            Check.Body(
                "Atom.Of({|CSP015:Console.In.ReadLine()|}!); if (await self.Receive() is string s) Atom.Of({|CSP015:s|}); Atom.Of({|CSP015:$\"{Guid.NewGuid()}\"|});"
            ),
            "This makes an atom of text from outside the program, and atoms are never freed: use Atom.TryGetExisting, or a string",
            "This makes an atom of the text of a message, and atoms are never freed: use Atom.TryGetExisting, or a string",
            "This makes an atom of a name with a new Guid in it, and atoms are never freed: use Atom.TryGetExisting, or a string"
        );
}
