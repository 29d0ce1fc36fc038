using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using CloudScale.Interop.Compression;

namespace CloudScale.Interop.Tests.Compression;

/// <summary>Our blocks and those of the <c>lz4</c> tool, both ways, in the tool's frames.</summary>
/// <remarks>Source: LZ4 Frame Format Description. All numbers of it are little-endian.</remarks>
public sealed class Lz4ToolTests
{
    private const uint Magic = 0x184D2204;
    private const uint NotCompressed = 0x80000000;

    private static readonly byte[][] s_contents =
    [
        [],
        [42],
        [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i % 251 ^ (i / 1000)))],
        new byte[300_000],
        Noise(100_000),
        [.. Enumerable.Repeat("{ping, <0.81.0>, 17}, "u8.ToArray(), 5000).SelectMany(bytes => bytes)],
    ];

    [TestCaseSource(nameof(s_contents))]
    public void Compress_OurBlock_IsReadByTheTool(byte[] content)
    {
        Require();
        byte[] block = new byte[Lz4.MaxCompressedLength(content.Length)];
        Assert.That(Lz4.TryCompress(content, block, out int written), Is.True);
        Assert.That(Run(Frame(block.AsSpan(0, written)), "-d", "-c"), Is.EqualTo(content));
    }

    [TestCaseSource(nameof(s_contents))]
    public void Decompress_TheToolsBlocks_GivesTheContent(byte[] content)
    {
        Require();
        byte[] frame = Run(content, "-c", "-9", "-B4", "--no-frame-crc"); // blocks of 64 KiB, independent
        Assert.That(Unframe(frame), Is.EqualTo(content));
    }

    private static void Require()
    {
        Lz4Tests.Require();
        if (OtpInstallation.Find("lz4") is null)
            Assert.Ignore("The lz4 tool is not on the path (package lz4).");
    }

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    // magic | FLG BD | HC | (length:u32 block)* | 0:u32: version 1, independent blocks, no checksums, blocks of up to 4 MiB.
    private static byte[] Frame(ReadOnlySpan<byte> block)
    {
        byte[] descriptor = [0b0110_0000, 0b0111_0000];
        byte[] frame = new byte[4 + 3 + 4 + block.Length + 4];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        descriptor.CopyTo(frame, 4);
        frame[6] = (byte)(XxHash32(descriptor) >> 8);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(7), block.Length);
        block.CopyTo(frame.AsSpan(11));
        return frame;
    }

    private static byte[] Unframe(ReadOnlySpan<byte> frame)
    {
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(frame), Is.EqualTo(Magic));
        Assert.That(frame[4] & 0b0010_0000, Is.Not.Zero, "blocks are independent");
        int at = 7 + ((frame[4] & 0b1000) != 0 ? 8 : 0); // the content's size may be there
        using MemoryStream content = new();
        byte[] output = new byte[4 << 20];
        while (BinaryPrimitives.ReadUInt32LittleEndian(frame[at..]) is var length && length != 0)
        {
            ReadOnlySpan<byte> block = frame.Slice(at + 4, (int)(length & ~NotCompressed));
            at += 4 + block.Length;
            if ((length & NotCompressed) != 0)
            {
                content.Write(block);
                continue;
            }

            Assert.That(Lz4.TryDecompress(block, output, out int written), Is.True);
            content.Write(output, 0, written);
        }

        return content.ToArray();
    }

    // xxHash of fewer than 4 bytes with seed 0, which is all that a descriptor without sizes needs.
    private static uint XxHash32(ReadOnlySpan<byte> bytes)
    {
        const uint Prime1 = 2654435761;
        const uint Prime2 = 2246822519;
        const uint Prime3 = 3266489917;
        const uint Prime5 = 374761393;
        uint hash = Prime5 + (uint)bytes.Length;
        foreach (byte b in bytes)
            hash = BitOperations.RotateLeft(hash + (b * Prime5), 11) * Prime1;
        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    private static byte[] Run(byte[] input, params string[] arguments)
    {
        ProcessStartInfo start = new("lz4", [.. arguments, "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task write = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        using MemoryStream output = new();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        write.Wait();
        Assert.That(process.ExitCode, Is.Zero, error.Result);
        return output.ToArray();
    }
}
