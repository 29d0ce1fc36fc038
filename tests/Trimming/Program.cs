using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

// Writes and reads a value of every contract, in a program from which all that nobody names has been cut away.
int failures = 0;
int count = 0;
foreach (Sample sample in SampleValues.All)
{
    count++;
    byte[] bytes = sample.Encode();
    byte[]? again = sample.Again(bytes, out string? error);
    byte[]? fromTerm = sample.AgainFrom(sample.ToTerm(), out string? termError);
    byte[]? unpacked = sample.Unpack(sample.Pack(), out string? packError);
    if (new[] { again, fromTerm, unpacked }.All(back => back is not null && back.AsSpan().SequenceEqual(bytes)))
        continue;
    failures++;
    Console.Error.WriteLine($"{sample}: {error ?? termError ?? packError ?? "it came back otherwise"}");
}

if (!ContractRegistry.TryFind("ping"u8, 3, out ContractReader? _))
{
    failures++;
    Console.Error.WriteLine("the registry does not know ping/3");
}

if (ExternalTerm.TryDecode<Point>([131, 104, 1, 97, 1], Sample.Context, out _, out _, out string? text) != DecodeStatus.Malformed)
    failures++;
Console.WriteLine($"{count} contracts, {failures} failures; {text}");
return failures == 0 ? 0 : 1;
