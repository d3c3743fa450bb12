using System.Globalization;
using System.Text;
using Sampan.DockerApi.Builds;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Commands.Images;

/// <summary>
/// Shows a build's steps. On a terminal all steps at once, with their times and the last lines of those that run, drawn anew as they change;
/// elsewhere a line for each thing that happens, the step's number before it, so that nothing is lost.
/// </summary>
internal sealed class BuildScreen(TextWriter output, TimeProvider time, bool isTerminal, Func<(int Rows, int Columns)> size) : IDisposable
{
    private const int ShownLines = 6;
    private const int KeptLines = 40;

    private readonly SortedDictionary<int, Shown> _steps = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly DateTimeOffset _begun = time.GetUtcNow();
    private int _drawn;

    /// <summary>Shows messages until they end.</summary>
    public async Task ShowAsync(IAsyncEnumerable<ProgressMessage> messages)
    {
        using var over = new CancellationTokenSource();
        var drawing = isTerminal ? DrawAgainAsync(over.Token) : Task.CompletedTask;
        try
        {
            await foreach (var message in messages.ConfigureAwait(false))
            {
                await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                try
                {
                    Take(message);
                    output.Flush();
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await drawing.ConfigureAwait(false);
            if (isTerminal) Draw(isLast: true);
            output.Flush();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Take(ProgressMessage message)
    {
        if (message.BuildStep is { HasFiles: true } step) Change(step);
        else if (message.Stream is { Length: > 0 } text && message.BuildStepNumber is { } number) Say(number, text);
        else if (message.Stream is { Length: > 0 } rest) Print(rest);
        else if (message.Status is { Length: > 0 } status && message.ProgressDetail is null) Print((message.Id is null ? "" : message.Id + ": ") + status + "\n");
        if (isTerminal) Draw(isLast: false);
    }

    private void Change(PastBuildStep step)
    {
        if (!_steps.TryGetValue(step.Number, out var shown))
        {
            _steps[step.Number] = shown = new Shown(step);
            if (!isTerminal) Line(step.Number, $"[{step.Stage} {step.Index}/{step.Of}] {OneLine(step.Text)}");
            return;
        }
        bool isOver = shown.Step.Completed is null && step.Completed is not null;
        shown.Step = step;
        if (!isTerminal && isOver)
        {
            shown.Flush(line => Line(step.Number, line));
            Line(step.Number, step.Status switch { "cached" => "CACHED", "done" => $"DONE {Seconds(step)}", "cancelled" => "CANCELED", _ => $"ERROR after {Seconds(step)}" });
        }
    }

    private void Say(int number, string text)
    {
        if (!_steps.TryGetValue(number, out var shown))
        {
            Print(text);
            return;
        }
        string at = (time.GetUtcNow() - shown.Step.Started).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        shown.Add(text, line =>
        {
            if (!isTerminal) Line(number, $"{at} {line}");
        });
    }

    private void Line(int number, string text) => output.WriteLine($"#{number.ToString(CultureInfo.InvariantCulture)} {text}");

    // What is of no step goes above the steps, which are drawn again below it.
    private void Print(string text)
    {
        if (isTerminal) Erase();
        output.Write(text);
    }

    private async Task DrawAgainAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(150), time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested) return;
            await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                Draw(isLast: false);
                output.Flush();
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private void Erase()
    {
        if (_drawn > 0) output.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{_drawn}A\r\u001b[J"));
        _drawn = 0;
    }

    private void Draw(bool isLast)
    {
        if (_steps.Count == 0) return;
        var (rows, columns) = size();
        var lines = new List<string>();
        foreach (var shown in _steps.Values)
        {
            var step = shown.Step;
            string name = $"{(step.Status == "cached" ? "CACHED " : step.Status == "failed" ? "ERROR " : step.Status == "cancelled" ? "CANCELED " : "")}[{step.Stage} {step.Index}/{step.Of}] {OneLine(step.Text)}";
            string seconds = Seconds(step);
            int room = Math.Max(10, columns - 6 - seconds.Length);
            lines.Add($" => {(name.Length > room ? name[..(room - 3)] + "..." : name.PadRight(room))} {seconds}");
            if (step.Completed is null)
                lines.AddRange(shown.Last(ShownLines).Select(line => Cut($" => => # {line}", columns - 1)));
        }
        int over = _steps.Values.Count(shown => shown.Step.Completed is not null);
        string elapsed = (time.GetUtcNow() - _begun).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        lines.Insert(0, $"[+] Building {elapsed}s ({over}/{_steps.Count}){(isLast ? _steps.Values.Any(shown => shown.Step.Status == "failed") ? " FAILED" : " FINISHED" : "")}");
        // What does not fit on the screen cannot be drawn over: the beginning is left out while it runs.
        if (!isLast && lines.Count > rows - 2) lines.RemoveRange(1, Math.Max(0, Math.Min(lines.Count - 1, lines.Count - rows + 2)));
        var text = new StringBuilder();
        foreach (string line in lines) text.Append(line).Append('\n');
        Erase();
        output.Write(text.ToString());
        _drawn = isLast ? 0 : lines.Count;
        if (!isLast) return;
        foreach (var shown in _steps.Values.Where(shown => shown.Step.Status == "failed"))
        {
            output.Write($"------\n > [{shown.Step.Stage} {shown.Step.Index}/{shown.Step.Of}] {OneLine(shown.Step.Text)}:\n");
            foreach (string line in shown.Last(KeptLines)) output.WriteLine(line);
            output.Write("------\n");
        }
    }

    private string Seconds(PastBuildStep step) => ((step.Completed ?? time.GetUtcNow()) - step.Started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s";

    private static string OneLine(string text) => Plain(text.ReplaceLineEndings(" "));

    private static string Cut(string text, int width) => text.Length > width ? text[..Math.Max(0, width)] : text;

    // What a command prints must not move our cursor.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? c == '\t' ? ' ' : '?' : c));

    private sealed class Shown(PastBuildStep step)
    {
        private readonly Queue<string> _lines = new();
        private readonly StringBuilder _open = new();

        public PastBuildStep Step { get; set; } = step;

        public void Add(string text, Action<string> tell)
        {
            foreach (char c in text)
            {
                if (c != '\n')
                {
                    _open.Append(c);
                    continue;
                }
                Flush(tell, evenEmpty: true);
            }
        }

        public void Flush(Action<string> tell, bool evenEmpty = false)
        {
            if (_open.Length == 0 && !evenEmpty) return;
            string line = _open.ToString().TrimEnd('\r');
            _open.Clear();
            tell(line);
            _lines.Enqueue(Plain(line[(line.LastIndexOf('\r') + 1)..]));
            if (_lines.Count > KeptLines) _lines.Dequeue();
        }

        public IEnumerable<string> Last(int count) => _lines.Skip(Math.Max(0, _lines.Count - count));
    }
}
