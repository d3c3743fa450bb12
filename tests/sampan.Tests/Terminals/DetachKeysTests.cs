using FsCheck;
using FsCheck.Fluent;
using Sampan.Cli.Terminals;

namespace Sampan.Cli.Tests.Terminals;

public sealed class DetachKeysTests
{
    [Theory]
    [InlineData("", new byte[] { 16, 17 })]
    [InlineData("ctrl-p,ctrl-q", new byte[] { 16, 17 })]
    [InlineData("a", new byte[] { 97 })]
    [InlineData("ctrl-x,d", new byte[] { 24, 100 })]
    [InlineData("ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", new byte[] { 0, 27, 28, 29, 30, 31 })]
    [InlineData("DEL,Z", new byte[] { 127, 90 })]
    public void Keys_are_read_as_docker_reads_them(string text, byte[] keys) => DetachKeys.Parse(text).ShouldBe(keys);

    [Theory]
    [InlineData("ctrl-")]
    [InlineData("ctrl-1")]
    [InlineData("ctrl-A")]
    [InlineData("ab")]
    [InlineData("a,,b")]
    [InlineData("ä")]
    public void Unknown_keys_are_refused(string text) => Should.Throw<FormatException>(() => DetachKeys.Parse(text)).Message.ShouldStartWith($"invalid detach keys ({text})");

    [Theory]
    [InlineData("abc", "abc", false)]
    [InlineData("12", "", true)]
    [InlineData("a12b", "a", true)]
    [InlineData("1a2", "1a2", false)]
    [InlineData("112", "1", true)]
    [InlineData("a1", "a", false)]
    public void The_sequence_is_swallowed_and_what_only_begins_like_it_passes(string typed, string passed, bool detached)
    {
        var scanner = new DetachScanner("12"u8.ToArray());
        System.Text.Encoding.ASCII.GetString(scanner.Pass(System.Text.Encoding.ASCII.GetBytes(typed), out bool left)).ShouldBe(passed);
        left.ShouldBe(detached);
    }

    [Fact]
    public void However_it_arrives_in_pieces_the_outcome_is_the_same() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
        (from keys in Gen.Elements("12", "1", "11", "121", "1123") from typed in Gen.Elements('1', '2', '3', 'x').ListOf() from cut in Gen.Choose(1, 5) select (keys, typed, cut)).ToArbitrary(), t =>
        {
            byte[] typed = [.. t.typed.Select(c => (byte)c)];
            byte[] keys = [.. t.keys.Select(c => (byte)c)];
            byte[] whole = new DetachScanner(keys).Pass(typed, out bool detached);

            var scanner = new DetachScanner(keys);
            var passed = new List<byte>();
            bool left = false;
            foreach (byte[] piece in typed.Chunk(t.cut))
            {
                if (left) break;
                passed.AddRange(scanner.Pass(piece, out left));
            }

            passed.ShouldBe(whole);
            left.ShouldBe(detached);
            // Nothing is invented or reordered: what passed begins what was typed, but for a sequence that is held back.
            typed.Take(passed.Count).ShouldBe(passed);
            if (detached) typed.Skip(passed.Count).Take(keys.Length).ShouldBe(keys);
        }));
}
