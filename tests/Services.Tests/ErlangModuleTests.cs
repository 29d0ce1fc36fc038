namespace CloudScale.Services.Tests;

/// <summary>Classes whose methods Erlang calls: what the generator exports of them.</summary>
[Category("OtpNode")]
public sealed partial class ErlangModuleTests : PeerFixture
{
    private protected override void Export(FunctionTable functions)
    {
        functions.Export(new Billing(1_000));
        MathFunctions.ExportTo(functions);
    }

    [TestCase("billing:charge({order, 7, <<\"tea\">>})", "{receipt,7,1007}")]
    [TestCase("billing:charge({order, x, <<\"tea\">>})", "{error,badarg}")]
    [TestCase("billing:charge({no, order})", "{error,badarg}")]
    [TestCase("billing:later(3)", "6")]
    [TestCase("billing:slowly(\"text\")", "<<\"text!\">>")]
    [TestCase("billing:nothing()", "ok")]
    [TestCase("billing:nothing_later()", "ok")]
    [TestCase("billing:'maybe'(0)", "undefined")]
    [TestCase("billing:'maybe'(1)", "<<\"one\">>")]
    [TestCase("'Elixir.Math':square(12)", "144")]
    [TestCase("'Elixir.Math':square(9223372036854775807)", "{error,badarg}")]
    [TestCase("'Elixir.Math':'not'(true)", "false")]
    [TestCase("billing:hidden()", "{error,undef}")]
    public async Task Call_OfAMethod_ConvertsArgumentsAndResult(string call, string result)
    {
        int colon = call.IndexOf(':', StringComparison.Ordinal);
        int open = call.IndexOf('(', StringComparison.Ordinal);
        string module = call[..colon];
        string function = call[(colon + 1)..open];
        Assert.That(
            await EvalAsync(
                $"try erpc:call({Here}, {module}, {function}, [{call[(open + 1)..^1]}]) catch error:{{exception, R, _}} -> {{error, R}} end"
            ),
            Is.EqualTo(result)
        );
    }

    [Test]
    public async Task Self_OfAMethod_IsTheProcessOfTheCall() =>
        Assert.That(
            await EvalAsync(
                $"P = erpc:call({Here}, billing, where_am_i, [self()]), receive {{here, P}} -> node(P) after 5000 -> timeout end"
            ),
            Is.EqualTo(Here)
        );

    [Term("order")]
    public sealed partial record Order(int Amount, string What);

    [Term("receipt")]
    public sealed partial record Receipt(int Amount, long Total);

    [ErlangModule("billing")]
    public sealed partial class Billing(long total)
    {
        [ErlangFunction]
        public Receipt Charge(Order order) => new(order.Amount, total + order.Amount);

        [ErlangFunction]
        public async ProcessTask<object> Later(Self self, long n)
        {
            await self.Yield();
            return 2 * n;
        }

        [ErlangFunction]
        public async Task<string> SlowlyAsync(string text)
        {
            await Task.Yield();
            return text + "!";
        }

        [ErlangFunction]
        public void Nothing() { }

        [ErlangFunction]
        public async ValueTask NothingLater() => await Task.Yield();

        [ErlangFunction]
        public string? Maybe(int n) => n == 1 ? "one" : null;

        [ErlangFunction("where_am_i")]
        public Pid Here(Self self, Pid asker)
        {
            self.Send(asker, Tuple.Of((Atom)"here", self.Pid));
            return self.Pid;
        }

        public long Hidden() => total;
    }

    [ErlangModule("Elixir.Math")]
    public static partial class MathFunctions
    {
        [ErlangFunction]
        public static long Square(int n) => (long)n * n;

        [ErlangFunction("not")]
        public static bool Negate(bool value) => !value;
    }
}
