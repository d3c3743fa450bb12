using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sampan.Build;
using Sampan.Build.History;
using Sampan.BuildKit.Protos.Control;

namespace Sampan.Server.Docker.Sessions;

/// <summary>
/// Tells a build in BuildKit's words: each instruction that makes files is a vertex, and so is what happens besides; a vertex is told again when it is known
/// better. Instructions that make no files are none, as with BuildKit.
/// </summary>
/// <param name="name">The build's own, of which its vertices get theirs.</param>
/// <param name="time">The clock.</param>
internal sealed class BuildTrace(string name, TimeProvider time)
{
    private readonly Dictionary<int, Vertex> _steps = [];
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);
    private readonly List<Vertex> _failed = [];

    /// <summary>Adds what a message says.</summary>
    internal void Add(StatusResponse status, BuildMessage message)
    {
        switch (message)
        {
            case BuildMessage.StepChange { Record: { HasFiles: true } step }:
                Add(status, step);
                break;
            case BuildMessage.StepText said when _steps.TryGetValue(said.Number, out var vertex):
                status.Logs.Add(new VertexLog { Vertex = vertex.Digest, Timestamp = Now, Stream = 1, Msg = ByteString.CopyFromUtf8(said.Content) });
                break;
            case BuildMessage.Act act:
                Add(status, act);
                break;
        }
    }

    /// <summary>The build failed: so did the steps that were at it, for a reason that is known now.</summary>
    internal void Fail(StatusResponse status, string error)
    {
        foreach (var vertex in _failed)
        {
            vertex.Error = error;
            status.Vertexes.Add(vertex);
        }
    }

    private Timestamp Now => Timestamp.FromDateTimeOffset(time.GetUtcNow());

    private void Add(StatusResponse status, StepRecord step)
    {
        var isNew = !_steps.TryGetValue(step.Number, out var vertex);
        if (isNew)
        {
            var stage = step.Stage == "stage" ? "" : step.Stage + " ";
            _steps[step.Number] = vertex = new Vertex { Digest = Digest("step", step.Number), Name = $"[{stage}{step.Index}/{step.Of}] {step.Text.ReplaceLineEndings(" ")}", Started = Timestamp.FromDateTimeOffset(step.Started) };
            if (_last.TryGetValue(step.Stage, out var before))
                vertex.Inputs.Add(before);
            _last[step.Stage] = vertex.Digest;
        }
        if (vertex is null || step.Completed is not { } completed)
        {
            if (isNew)
                status.Vertexes.Add(vertex?.Clone());
            return;
        }
        vertex.Completed = Timestamp.FromDateTimeOffset(completed);
        vertex.Cached = step.Status == BuildStatus.Cached;
        if (step.Status == BuildStatus.Failed)
        {
            _failed.Add(vertex);
            return;
        }
        if (step.Status == BuildStatus.Cancelled)
            vertex.Error = "context canceled";
        status.Vertexes.Add(vertex.Clone());
    }

    private void Add(StatusResponse status, BuildMessage.Act act)
    {
        var vertex = new Vertex { Digest = Digest("act", act.Number), Name = act.Name, Started = Timestamp.FromDateTimeOffset(act.Started), Error = act.Error ?? "" };
        if (act.Completed is { } completed)
            vertex.Completed = Timestamp.FromDateTimeOffset(completed);
        status.Vertexes.Add(vertex);
        foreach (var part in act.Parts)
        {
            var line = new VertexStatus { ID = part.Name, Name = part.Name, Vertex = vertex.Digest, Current = part.Bytes ?? 0, Timestamp = Now, Started = vertex.Started };
            if (vertex.Completed is not null)
                line.Completed = vertex.Completed;
            status.Statuses.Add(line);
        }
    }

    private string Digest(string kind, int number) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name} {kind} {number}"))));
}
