using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Random tables and random calls, answered by us and by the installed Erlang.</summary>
[Category("OtpNode")]
public sealed class EtsDifferentialTests
{
    private const int Cases = 400;
    private const int CallsPerCase = 12;

    private static readonly Atom[] s_types = [A("set"), A("ordered_set"), A("bag"), A("duplicate_bag")];

    [Test]
    public void RandomCalls_OnRandomTables_AreAnsweredAsErlangAnswers()
    {
        int seed = Seed();
        EtsCaseGenerator generator = new(new Random(seed));
        List<object> cases = [];
        for (int i = 0; i < Cases; i++)
        {
            EtsType type = (EtsType)(i % 4);
            int keyPosition = generator.KeyPosition();
            object[] rows = generator.Rows(20);
            object[] calls = new object[CallsPerCase];
            for (int c = 0; c < calls.Length; c++)
                calls[c] = generator.Call();
            cases.Add(T(s_types[(int)type], (long)keyPosition, L(rows), L(calls)));
        }

        Compare(cases, seed);
    }

    private static void Compare(List<object> cases, int seed)
    {
        List answers = EtsErlang.Ask(cases);
        int errors = 0;
        int differences = 0;
        Assert.Multiple(() =>
        {
            for (int i = 0; i < cases.Count; i++)
            {
                Tuple each = (Tuple)cases[i];
                EtsType type = (EtsType)Array.IndexOf(s_types, (Atom)each[0]);
                EtsTable table = Table(type, (int)(long)each[1]);
                foreach (object row in (List)each[2])
                    table.Insert((Tuple)row);
                List calls = (List)each[3];
                for (int c = 0; c < calls.Count && differences < 20; c++)
                {
                    Tuple call = (Tuple)calls[c];
                    object ours = EtsCall.Answer(table, (Atom)call[0], (List)call[1]);
                    object theirs = ((List)answers[i])[c];
                    if (theirs is Tuple and [Atom { Name: "error" }, _])
                        errors++;
                    if (EtsCall.AreSame(ours, theirs, type, (Atom)call[0]))
                        continue;
                    differences++;
                    Assert.Fail(
                        $"seed {seed}, case {i}.{c}: {type} {call}\nours   {Term.Format(ours)}\ntheirs {Term.Format(theirs)}\nrows {table.GetInfo()!.KeyPosition} {each[2]}"
                    );
                }
            }
        });
        TestContext.Out.WriteLine($"{cases.Count * CallsPerCase} calls, {errors} of them errors");
        Assert.That(errors, Is.LessThan(cases.Count * CallsPerCase / 2), "most calls must be answered, or little is compared");
    }
}
