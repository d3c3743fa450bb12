using Sampan.Storage.Collection;

namespace Sampan.Storage.Tests.Collection;

/// <summary>What a check finds in unpacked files, also where they have holes.</summary>
public sealed class TreeComparisonTests : IDisposable
{
    private const long Terabyte = 1L << 40;

    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    private string? Differ() => new TreeComparison(TestContext.Current.CancellationToken).Differ(_root["stored"], _root["wanted"]);

    private void Write(string tree, long size, params (long At, string Text)[] parts)
    {
        Directory.CreateDirectory(_root[tree]);
        using var file = new FileStream(Path.Combine(_root[tree], "f"), FileMode.Create);
        file.SetLength(size);
        foreach (var (at, text) in parts)
        {
            file.Position = at;
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }
    }

    [Fact]
    public void Holes_of_a_terabyte_are_passed_over()
    {
        Write("stored", Terabyte, (0, "begin"), (Terabyte / 2, "middle"));
        Write("wanted", Terabyte, (0, "begin"), (Terabyte / 2, "middle"));

        Differ().ShouldBeNull();
    }

    [Fact]
    public void A_byte_behind_a_hole_is_found_on_either_side()
    {
        Write("stored", Terabyte, (Terabyte - 10, "x"));
        Write("wanted", Terabyte);

        Differ().ShouldBe("'/f' has other content");
        Write("wanted", Terabyte, (Terabyte - 10, "x"));
        Differ().ShouldBeNull();
        Write("stored", Terabyte);
        Differ().ShouldBe("'/f' has other content");
    }

    [Fact]
    public void Zeros_are_the_same_as_a_hole()
    {
        Write("stored", 300_000, (0, new string('\0', 300_000)));
        Write("wanted", 300_000);

        Differ().ShouldBeNull();
    }

    [Fact]
    public void Plain_files_are_compared_to_their_last_byte()
    {
        var text = new string('a', 300_000);
        Write("stored", 300_001, (0, text), (300_000, "y"));
        Write("wanted", 300_001, (0, text), (300_000, "z"));

        Differ().ShouldBe("'/f' has other content");
        Write("stored", 300_001, (0, text), (300_000, "z"));
        Differ().ShouldBeNull();
        Write("stored", 0);
        Differ().ShouldBe("'/f' has 0 bytes, not 300001");
        Write("wanted", 0);
        Differ().ShouldBeNull();
    }
}
