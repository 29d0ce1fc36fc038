using CloudScale.Tool.Nodes.Shell;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>What Tab makes of a line.</summary>
public sealed class CompletionTests
{
    private int _asked;

    [SetUp]
    public void Forget() => _asked = 0;

    private Completion NewCompletion() =>
        new(
            () =>
            {
                _asked++;
                return Task.FromResult<IReadOnlyList<string>>(["erlang", "lists", "logger"]);
            },
            module => Task.FromResult<IReadOnlyList<string>>(module == "lists" ? ["seq/2", "seq/3", "seqs/1", "sum/1"] : [])
        );

    [TestCase("l", "lists: logger:", "l")]
    [TestCase("li", "lists:", "lists:")]
    [TestCase("X = er", "erlang:", "erlang:")]
    [TestCase("lists:su", "sum/1", "sum(")]
    [TestCase("lists:seq", "seq/2 seq/3 seqs/1", "seq")]
    [TestCase("X = lists:s", "seq/2 seq/3 seqs/1 sum/1", "s")]
    [TestCase("nothing:x", "", "")]
    public async Task Complete_Line_OffersWhatFits(string line, string candidates, string common)
    {
        (int start, IReadOnlyList<string> offered) = await NewCompletion().CompleteAsync(line);
        Assert.That(string.Join(' ', offered), Is.EqualTo(candidates));
        Assert.That(Completion.Common(offered), Is.EqualTo(common));
        Assert.That(candidates.StartsWith(line[start..], StringComparison.Ordinal) || candidates.Length == 0, Is.True);
    }

    [Test]
    public async Task Complete_Twice_AsksTheNodeOnce()
    {
        Completion completion = NewCompletion();
        await completion.CompleteAsync("l");
        await completion.CompleteAsync("lo");
        Assert.That(_asked, Is.EqualTo(1));
    }
}
