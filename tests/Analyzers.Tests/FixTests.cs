namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class FixTests
{
    private const string Members = """
        static async ProcessTask Step(Self self) => await self.Yield();
        static async ProcessTask<int> Count(Self self) { await self.Yield(); return 1; }
        static void Turn() { }
        """;

    [TestCase("Thread.Sleep(5);", "await self.Sleep(TimeSpan.FromMilliseconds(5));")]
    [TestCase("Thread.Sleep(TimeSpan.FromSeconds(1)); // a while", "await self.Sleep(TimeSpan.FromSeconds(1)); // a while")]
    public Task ThreadSleep_BecomesSleep(string before, string after) =>
        CheckFix.Mends("CSP005", "Sleep by the process", Check.Body(before), Check.Body(after));

    [TestCase("await Task.Delay(5);", "await self.Sleep(TimeSpan.FromMilliseconds(5));")]
    [TestCase("await Task.Delay(TimeSpan.FromSeconds(1));", "await self.Sleep(TimeSpan.FromSeconds(1));")]
    public Task TaskDelay_BecomesSleep(string before, string after) =>
        CheckFix.Mends("CSP007", "Sleep by the process", Check.Body(before), Check.Body(after));

    [TestCase("Task.Run(() => 1).Wait();", "await Task.Run(() => 1);")]
    [TestCase("int n = Task.Run(() => 1).Result;", "int n = await Task.Run(() => 1);")]
    [TestCase("string text = Task.Run(() => 1).Result.ToString();", "string text = (await Task.Run(() => 1)).ToString();")]
    [TestCase("int n = Task.Run(() => 1).GetAwaiter().GetResult();", "int n = await Task.Run(() => 1);")]
    [TestCase(
        "int n = Task.Run(() => 1).ConfigureAwait(false).GetAwaiter().GetResult();",
        "int n = await Task.Run(() => 1).ConfigureAwait(false);"
    )]
    [TestCase("Task.WaitAll(Task.Run(() => 1), Task.Run(() => 2));", "await Task.WhenAll(Task.Run(() => 1), Task.Run(() => 2));")]
    [TestCase("string text = File.ReadAllText(\"a\");", "string text = await File.ReadAllTextAsync(\"a\");")]
    [TestCase("using var slim = new SemaphoreSlim(0); slim.Wait();", "using var slim = new SemaphoreSlim(0); await slim.WaitAsync();")]
    [TestCase(
        "using FileStream file = File.OpenRead(\"a\"); file.CopyTo(Stream.Null);",
        "using FileStream file = File.OpenRead(\"a\"); await file.CopyToAsync(Stream.Null);"
    )]
    public Task BlockingCall_BecomesAnAwait(string before, string after) =>
        CheckFix.Mends("CSP005", "Await it", Check.Body(before), Check.Body(after));

    [TestCase("string text = File.ReadAllText(\"a\");", "string text = self.Blocking(() => File.ReadAllText(\"a\"));")]
    [TestCase("using var mutex = new Mutex(); mutex.WaitOne();", "using var mutex = new Mutex(); self.Blocking(() => mutex.WaitOne());")]
    [TestCase("new Thread(() => { }).Join();", "self.Blocking(() => new Thread(() => { }).Join());")]
    public Task BlockingCall_GoesIntoBlocking(string before, string after) =>
        CheckFix.Mends("CSP005", "Run it in Blocking", Check.Body(before), Check.Body(after));

    [Test]
    public Task BlockingCall_InAFunctionThatIsNotAsync_CanOnlyBeMoved() =>
        CheckFix.Offers("CSP005", Check.Body("", "static void Helper(Self self) => Thread.Sleep(1);"), "Run it in Blocking");

    [Test]
    public Task BlockingCall_WithoutASelf_CanOnlyBeAwaited() =>
        CheckFix.Offers("CSP005", Check.Body("", "static async ProcessTask Helper() { Task.Run(() => 1).Wait(); }"), "Await it");

    [Test]
    public Task BlockingCall_WithASpan_CannotBeMoved() =>
        CheckFix.Offers(
            "CSP005",
            Check.Body(
                "",
                "static ProcessTask Helper(Self self, Socket socket, Span<byte> bytes) { socket.Receive(bytes); return default; }"
            )
        );

    [TestCase("Step(self);", "await Step(self);")]
    [TestCase("_ = Step(self);", "await Step(self);")]
    [TestCase("_ = Count(self);", "_ = await Count(self);")]
    [TestCase("var n = Count(self);", "var n = await Count(self);")]
    [TestCase("self.Yield(); // others first", "await self.Yield(); // others first")]
    public Task DroppedTask_IsAwaited(string before, string after) =>
        CheckFix.Mends("CSP011", "Await it", Check.Body(before, Members), Check.Body(after, Members));

    [TestCase("Action run = () => Step(self);")]
    [TestCase("var lost = Step(self);")]
    public Task DroppedTask_WhereNoAwaitFits_HasNoFix(string statements) => CheckFix.Offers("CSP011", Check.Body(statements, Members));

    [Test]
    public Task EndlessLoop_YieldsInEachTurn() =>
        CheckFix.Mends(
            "CSP008",
            "Yield in each turn",
            Check.Body("while (true)\n        {\n            Turn();\n        }", Members),
            Check.Body("while (true)\n        {\n            await self.Yield();\n            Turn();\n        }", Members)
        );

    [Test]
    public Task EndlessLoop_OfOneStatement_GetsABlock() =>
        CheckFix.Mends(
            "CSP008",
            "Yield in each turn",
            Check.Body("for (; ; )\n            Turn();", Members),
            Check.Body("for (; ; )\n        {\n            await self.Yield();\n            Turn();\n        }", Members)
        );

    [TestCase("await Task.Run(() => self.Send(other, 1L));", "await Task.Run(() => self.System.Send(other, 1L));", "Let the node do it")]
    [TestCase("await Task.Run(() => self.MakeReference());", "await Task.Run(() => self.System.MakeReference());", "Let the node do it")]
    [TestCase("self.Send(other, self);", "self.Send(other, self.Pid);", "Send its Pid")]
    [TestCase("self.Send(other, Tuple.Of(1L, self));", "self.Send(other, Tuple.Of(1L, self.Pid));", "Send its Pid")]
    [TestCase(
        "self.Spawn(async mine => await self.Yield());",
        "self.Spawn(async mine => await mine.Yield());",
        "Use 'mine', the process's own"
    )]
    public Task ForeignSelf_IsReplaced(string before, string after, string title) =>
        CheckFix.Mends("CSP009", title, Check.Body(before), Check.Body(after));

    [TestCase("await Task.Run(() => self.ExitToken);")]
    [TestCase("await Task.Run(() => self.Send(\"db\", \"db@far\", 1L));")]
    public Task ForeignSelf_ThatNothingReplaces_HasNoFix(string statements) => CheckFix.Offers("CSP009", Check.Body(statements));

    [TestCase("await self.Receive();", "await self.Receive<object>(TimeSpan.FromSeconds(5));")]
    [TestCase("await self.Receive<bool>();", "await self.Receive<bool>(TimeSpan.FromSeconds(5));")]
    [TestCase("await self.Receive<bool>(b => b);", "await self.Receive<bool>(b => b, TimeSpan.FromSeconds(5));")]
    [TestCase(
        "await self.Receive<bool>(predicate: b => b);",
        "await self.Receive<bool>(predicate: b => b, timeout: TimeSpan.FromSeconds(5));"
    )]
    [TestCase("await self.Receive<bool>(Timeout.InfiniteTimeSpan);", "await self.Receive<bool>(TimeSpan.FromSeconds(5));")]
    public Task Receive_GetsATimeout(string before, string after)
    {
        const string Send = "self.Send(\"db\", \"db@far\", self.Pid);\n        ";
        return CheckFix.Mends("CSP013", "Wait five seconds", Check.Body(Send + before), Check.Body(Send + after));
    }

    [Test]
    public Task Call_TakesTheTimeoutOfOtp() =>
        CheckFix.Mends(
            "CSP014",
            "Wait five seconds, as by default",
            Check.Body("await self.Call(\"db\", 1L, \"db@far\", Timeout.InfiniteTimeSpan);"),
            Check.Body("await self.Call(\"db\", 1L, \"db@far\");")
        );

    [TestCase(
        "Atom a = Atom.Of(Console.In.ReadLine()!);",
        "Atom a = Atom.TryGetExisting(Console.In.ReadLine()!, out Atom? atom) ? atom : throw new ArgumentException(\"There is no such atom.\");"
    )]
    [TestCase(
        "if (await self.Receive() is string s) self.Send(s, 1L);",
        "if (await self.Receive() is string s) self.Send(Atom.TryGetExisting(s, out Atom? atom) ? atom : throw new ArgumentException(\"There is no such atom.\"), 1L);"
    )]
    [TestCase(
        "int atom = Atom.Of($\"job_{Guid.NewGuid()}\").Index;",
        "int atom = (Atom.TryGetExisting($\"job_{Guid.NewGuid()}\", out Atom? atom2) ? atom2 : throw new ArgumentException(\"There is no such atom.\")).Index;"
    )]
    public Task Atom_IsTakenOnlyIfItExists(string before, string after) =>
        CheckFix.Mends("CSP015", "Take it only if it exists", Check.Body(before), Check.Body(after));

    [TestCase(
        "public sealed class M { public int N { get; set; } }",
        "public sealed class M { public int N { get; init; } }",
        "Let 'N' be set at construction only"
    )]
    [TestCase("public sealed class M { public int N; }", "public sealed class M { public readonly int N; }", "Make 'N' readonly")]
    [TestCase(
        "public sealed class M { public Part? Part { get; init; } } public sealed class Part { public int N { get; set; } }",
        "public sealed class M { public Part? Part { get; init; } } public sealed class Part { public int N { get; init; } }",
        "Let 'N' be set at construction only"
    )]
    public Task Message_IsClosed(string before, string after, string title) =>
        CheckFix.Mends(
            "CSP001",
            title,
            Check.Body("self.Send(other, new M());", types: before),
            Check.Body("self.Send(other, new M());", types: after)
        );

    [Test]
    public Task Contract_IsClosed() =>
        CheckFix.Mends(
            "CSP002",
            "Let 'N' be set at construction only",
            Check.Body("", types: "[Term] public partial class M { public int N { get; set; } }"),
            Check.Body("", types: "[Term] public partial class M { public int N { get; init; } }")
        );

    [TestCase("public sealed class M { private int _n; public void Add() => _n++; }")]
    [TestCase("public sealed class M { public int N { get; private set; } public void Add() => N++; }")]
    [TestCase("public sealed class M { public System.Collections.Generic.List<int> Ns { get; init; } = []; }")]
    public Task Message_ThatChangesItself_HasNoFix(string type) =>
        CheckFix.Offers("CSP001", Check.Body("self.Send(other, new M());", types: type));

    [TestCase("public sealed record DebtOf(int N);", "[Term(\"debt_of\")]\npublic sealed partial record DebtOf(int N);")]
    [TestCase(
        "/// <summary>A debt.</summary>\npublic sealed record DebtOf(int N);",
        "/// <summary>A debt.</summary>\n[Term(\"debt_of\")]\npublic sealed partial record DebtOf(int N);"
    )]
    [TestCase("record DebtOf(int N);", "[Term(\"debt_of\")]\npartial record DebtOf(int N);")]
    public Task Message_BecomesAContract(string before, string after)
    {
        const string Send = "self.Send(\"db\", \"db@far\", new DebtOf(1));";
        return CheckFix.Mends("CSP003", "Make 'DebtOf' a contract", Check.Body(Send, types: before), Check.Body(Send, types: after));
    }

    [Test]
    public Task Message_InsideAnotherType_BecomesAContractInAPartialType() =>
        CheckFix.Mends(
            "CSP003",
            "Make 'Debt' a contract",
            Check.Body(
                "self.Send(\"db\", \"db@far\", new Outer.Debt(1));",
                types: "public static class Outer\n{\n    public sealed record Debt(int N);\n}"
            ),
            Check.Body(
                "self.Send(\"db\", \"db@far\", new Outer.Debt(1));",
                types: "public static partial class Outer\n{\n    [Term(\"debt\")]\n    public sealed partial record Debt(int N);\n}"
            )
        );

    [Test]
    public Task Message_OfAForeignType_HasNoFix() => CheckFix.Offers("CSP003", Check.Body("self.Send(\"db\", \"db@far\", DateTime.Now);"));

    [Test]
    public void Fixes_AreForRulesThatExist()
    {
        string[] rules = [.. Check.Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).Select(rule => rule.Id)];
        Assert.That(CheckFix.Providers.SelectMany(provider => provider.FixableDiagnosticIds), Is.SubsetOf(rules));
        Assert.That(CheckFix.Providers.Select(provider => provider.GetFixAllProvider()), Has.None.Null);
    }
}
