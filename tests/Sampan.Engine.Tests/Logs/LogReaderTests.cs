using System.Text;
using Sampan.Engine.Logs;

namespace Sampan.Engine.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-log-").FullName;

    private string LogFile => Path.Combine(_directory, "x-json.log");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Log_is_read_across_rotated_and_compressed_files()
    {
        using (var gzip = new System.IO.Compression.GZipStream(File.Create(LogFile + ".2.gz"), System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write(Lines(0, 2));
        File.WriteAllBytes(LogFile + ".1", Lines(2, 2));
        File.WriteAllBytes(LogFile, Lines(4, 2));
        (await ReadAsync(new LogOptions())).ShouldBe(["0", "1", "2", "3", "4", "5"]);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "5")]
    [InlineData(2, "4,5")]
    [InlineData(3, "3,4,5")]
    [InlineData(100, "0,1,2,3,4,5")]
    public async Task Tail_reaches_back_over_the_rotation(long tail, string expected)
    {
        File.WriteAllBytes(LogFile + ".1", Lines(0, 4));
        File.WriteAllBytes(LogFile, Lines(4, 2));
        string.Join(',', await ReadAsync(new LogOptions { Tail = tail })).ShouldBe(expected);
    }

    [Fact]
    public async Task Since_until_and_streams_choose()
    {
        File.WriteAllBytes(LogFile, [.. Lines(0, 4), .. Line("e", "stderr", Start.AddSeconds(2))]);
        (await ReadAsync(new LogOptions { Since = Start.AddSeconds(1), Until = Start.AddSeconds(2) })).ShouldBe(["1", "2", "e"]);
        (await ReadAsync(new LogOptions { Stdout = false })).ShouldBe(["e"]);
    }

    [Fact]
    public async Task Damaged_lines_are_passed_over()
    {
        File.WriteAllBytes(LogFile, [.. "{\"log\":\"half"u8, (byte)'\n', .. "\0\0\0\n"u8, .. Lines(0, 1), .. "{\"log\":\"unfinished\""u8]);
        (await ReadAsync(new LogOptions())).ShouldBe(["0"]);
    }

    [Fact]
    public async Task Line_keeps_its_bytes_and_time()
    {
        File.WriteAllText(LogFile, """{"log":"a\u0000\u001b[1m \"é\"\n","stream":"stderr","time":"2026-11-21T04:17:00.123456789Z"}""" + "\n");
        await foreach (var entry in new LogReader(LogFile, new LogOptions(), null).ReadAsync(CancellationToken.None))
        {
            Encoding.UTF8.GetString(entry.Text.Span).ShouldBe("a\0\u001b[1m \"é\"\n");
            entry.Stream.ShouldBe(LogStream.Stderr);
            entry.Time.ShouldBe(new DateTimeOffset(2026, 11, 21, 4, 17, 0, TimeSpan.Zero).AddTicks(1234567));
        }
    }

    [Fact]
    public async Task Follower_sees_every_line_through_rotations()
    {
        var written = 0L;
        var changed = new SemaphoreSlim(0);
        var ended = false;
        async Task<long> Growth(long known, CancellationToken ct)
        {
            while (Volatile.Read(ref written) <= known)
            {
                if (Volatile.Read(ref ended))
                    return -1;
                await changed.WaitAsync(ct);
            }

            return Volatile.Read(ref written);
        }

        File.WriteAllBytes(LogFile, []);
        var reading = ReadAsync(new LogOptions { Follow = true }, Growth);
        for (var line = 0; line < 200; line++)
        {
            if (line % 50 == 49)
            {
                if (File.Exists(LogFile + ".1"))
                    File.Move(LogFile + ".1", LogFile + ".2", overwrite: true);
                File.Move(LogFile, LogFile + ".1");
                File.WriteAllBytes(LogFile, []);
            }

            var bytes = Lines(line, 1);
            await using (var file = new FileStream(LogFile, FileMode.Append))
                await file.WriteAsync(bytes);
            Volatile.Write(ref written, written + bytes.Length);
            changed.Release();
            if (line % 10 == 0)
                await Task.Delay(2);
        }

        Volatile.Write(ref ended, true);
        changed.Release();
        (await reading).ShouldBe(Enumerable.Range(0, 200).Select(i => i.ToString()));
    }

    [Theory]
    [InlineData("10m", 10L << 20)]
    [InlineData("1k", 1024)]
    [InlineData("1.5k", 1536)]
    [InlineData("5", 5)]
    [InlineData("2gb", 2L << 30)]
    [InlineData("-1", 0)]
    public void Sizes_are_read(string text, long bytes)
    {
        Sampan.Engine.Logs.LogPlan.TrySize(text, out var size).ShouldBeTrue();
        size.ShouldBe(bytes);
    }

    private async Task<List<string>> ReadAsync(LogOptions options, LogGrowth? growth = null)
    {
        var all = new List<string>();
        await foreach (var entry in new LogReader(LogFile, options, growth).ReadAsync(CancellationToken.None))
            all.Add(Encoding.UTF8.GetString(entry.Text.Span).TrimEnd('\n'));
        return all;
    }

    private static byte[] Lines(int first, int count) =>
        [.. Enumerable.Range(first, count).SelectMany(i => Line(i.ToString(), "stdout", Start.AddSeconds(i)))];

    private static byte[] Line(string text, string stream, DateTimeOffset time) =>
        Encoding.UTF8.GetBytes($$"""{"log":"{{text}}\n","stream":"{{stream}}","time":"{{time:yyyy-MM-ddTHH:mm:ss.fffffffZ}}"}""" + "\n");
}
