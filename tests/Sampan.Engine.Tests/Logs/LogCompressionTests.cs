using System.Globalization;
using System.Text;
using Sampan.Engine.Logs;

namespace Sampan.Engine.Tests.Logs;

public sealed class LogCompressionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-log-").FullName;

    private string LogFile => Path.Combine(_directory, "x-json.log");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static byte[] Lines(int first, int count)
    {
        var text = new StringBuilder();
        for (var i = first; i < first + count; i++)
            text.Append(CultureInfo.InvariantCulture, $"{{\"log\":\"{i}\\n\",\"stream\":\"stdout\",\"time\":\"{DateTimeOffset.UnixEpoch.AddSeconds(i):yyyy-MM-dd'T'HH:mm:ss'Z'}\"}}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private async Task<IReadOnlyList<string>> ReadAsync(LogOptions options)
    {
        var texts = new List<string>();
        await foreach (var entry in new LogReader(LogFile, options, null).ReadAsync(CancellationToken.None))
            texts.Add(Encoding.UTF8.GetString(entry.Text.Span).TrimEnd('\n'));
        return texts;
    }

    [Fact]
    public async Task Rotated_files_are_compressed_and_read_as_before()
    {
        await File.WriteAllBytesAsync(LogFile + ".2", Lines(0, 2));
        await File.WriteAllBytesAsync(LogFile + ".1", Lines(2, 2));
        await File.WriteAllBytesAsync(LogFile, Lines(4, 2));

        LogCompression.Run(LogFile);

        Directory.EnumerateFiles(_directory).Select(Path.GetFileName).Order().ShouldBe(["x-json.log", "x-json.log.1.gz", "x-json.log.2.gz", "x-json.log.lock"]);
        (await ReadAsync(new LogOptions())).ShouldBe(["0", "1", "2", "3", "4", "5"]);
        (await ReadAsync(new LogOptions { Tail = 3 })).ShouldBe(["3", "4", "5"]);
        (await ReadAsync(new LogOptions { Since = DateTimeOffset.UnixEpoch.AddSeconds(1), Until = DateTimeOffset.UnixEpoch.AddSeconds(4) })).ShouldBe(["1", "2", "3", "4"]);
    }

    [Fact]
    public async Task While_the_supervisor_rotates_nothing_is_exchanged()
    {
        await File.WriteAllBytesAsync(LogFile + ".1", Lines(0, 2));
        using (new FileStream(LogFile + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            LogCompression.Run(LogFile);

        File.Exists(LogFile + ".1").ShouldBeTrue();
        File.Exists(LogFile + ".1.gz").ShouldBeFalse();
        LogCompression.Run(LogFile);
        File.Exists(LogFile + ".1.gz").ShouldBeTrue();
        File.Exists(LogFile + ".1").ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_beside_its_compressed_form_is_read_once()
    {
        await File.WriteAllBytesAsync(LogFile + ".1", Lines(0, 2));
        LogCompression.Run(LogFile);
        await File.WriteAllBytesAsync(LogFile + ".1", Lines(0, 2));

        (await ReadAsync(new LogOptions())).ShouldBe(["0", "1"]);
    }

    [Fact]
    public async Task A_follower_misses_nothing_when_the_log_rotates_several_times_between_two_reads()
    {
        await File.WriteAllBytesAsync(LogFile, Lines(0, 2));
        var turn = 0;

        // At each wait the log has been rotated twice, and the older file compressed; then the container has ended.
        Task<long> GrowAsync(long known, CancellationToken ct)
        {
            if (known < 0)
                return Task.FromResult(0L);
            var next = 2 + (turn * 4);
            for (var i = 0; i < 2; i++)
            {
                Rotate();
                File.WriteAllBytes(LogFile, Lines(next + (i * 2), 2));
            }

            LogCompression.Run(LogFile);
            return Task.FromResult(++turn < 3 ? turn : -1L);
        }

        var texts = new List<string>();
        await foreach (var entry in new LogReader(LogFile, new LogOptions { Follow = true }, GrowAsync).ReadAsync(CancellationToken.None))
            texts.Add(Encoding.UTF8.GetString(entry.Text.Span).TrimEnd('\n'));

        texts.ShouldBe(Enumerable.Range(0, 14).Select(i => i.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Whenever the program falls silent, and however late the supervisor's answers come: what is rotated is compressed.</summary>
    [Theory, InlineData(0), InlineData(1), InlineData(3), InlineData(7)]
    public async Task A_program_that_falls_silent_leaves_no_rotated_file_uncompressed(int late)
    {
        const int maxBytes = 1000;
        for (var entries = 1; entries < 60; entries++)
        {
            var (written, total, size) = (0, 0L, 0L);
            using var silence = new CancellationTokenSource();
            File.WriteAllBytes(LogFile, []);

            // As the supervisor: an entry that is too much for the file goes to the next one; who waits is told when there is more than he knows.
            Task<long> GrowAsync(long known, CancellationToken ct)
            {
                for (var more = late; (total <= known || more-- > 0) && written < entries; written++)
                {
                    var entry = Lines(written, 1);
                    if (size + entry.Length > maxBytes)
                    {
                        Rotate();
                        size = 0;
                    }

                    using var file = new FileStream(LogFile, FileMode.Append);
                    file.Write(entry);
                    (size, total) = (size + entry.Length, total + entry.Length);
                }

                if (total > known)
                    return Task.FromResult(total);
                silence.Cancel();
                return Task.FromCanceled<long>(ct);
            }

            await Should.ThrowAsync<OperationCanceledException>(LogCompression.FollowAsync(LogFile, maxBytes, GrowAsync, failure => throw failure, silence.Token));

            LogFiles.Rotated(LogFile).ShouldAllBe(file => file.EndsWith(".gz"), $"{entries} entries");
            foreach (var file in Directory.EnumerateFiles(_directory))
                File.Delete(file);
        }
    }

    private void Rotate()
    {
        for (var number = 9; number > 0; number--)
        {
            foreach (var suffix in new[] { "", ".gz" })
            {
                var from = (number == 1 ? LogFile : $"{LogFile}.{number - 1}") + suffix;
                if (File.Exists(from) && (number > 1 || suffix.Length == 0))
                    File.Move(from, $"{LogFile}.{number}{suffix}");
            }
        }
    }
}
