using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Supervision;

/// <summary>Requests of clients.</summary>
internal sealed partial class Supervisor
{
    private const int MostKept = 8;

    private readonly List<(ControlClient Client, uint Request, long Known)> _logWaiters = [];
    private readonly List<SafeFd> _kept = [];

    /// <summary>Does what a client asks, and answers. What is not allowed now, or not understood, is answered by Failed.</summary>
    internal void Handle(ControlClient client, ControlHeader header, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (_exit is not null && header.Kind is not ControlKind.WaitLog)
                throw new RuntimeException("control", "the container has ended");
            Dispatch(client, header, payload);
        }
        catch (Exception failure) when (failure is RuntimeException or LinuxException or JsonException or InvalidOperationException or ArgumentException or IOException)
        {
            client.SendFailed(header.Request, header.Kind.ToString().ToLowerInvariant(), failure);
        }
    }

    private void Dispatch(ControlClient client, ControlHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Kind)
        {
            case ControlKind.Start:
                Start();
                break;
            case ControlKind.Signal when ControlPayload.TryReadSignal(payload, out var signal, out var all):
                Signal(signal, all);
                break;
            case ControlKind.Resize when ControlPayload.TryReadResize(payload, out var rows, out var columns, out var execId):
                Resize(execId, rows, columns);
                break;
            case ControlKind.Pause:
                Cgroup.Freeze();
                break;
            case ControlKind.Resume:
                Cgroup.Thaw();
                break;
            case ControlKind.Update:
                Update(payload);
                break;
            case ControlKind.WaitLog when ControlPayload.TryReadNumber(payload, out var known):
                _logWaiters.Add((client, header.Request, known));
                return; // answered when it is so
            case ControlKind.Attach when payload.Length == 1:
                Attach(client, header.Request, (StreamChoice)payload[0]);
                return;
            case ControlKind.Keep when ControlPayload.ReadNumbers(payload) is [var pid, .. var files] && files.Length <= MostKept:
                Keep(pid, files);
                break;
            case ControlKind.Kept:
                client.SendDone(header.Request, ControlPayload.Numbers([.. _kept.Select(file => file.Number)]));
                return;
            case ControlKind.Exec:
                Exec(client, header.Request, payload);
                return;
            default:
                throw new RuntimeException("control", $"the request {header.Kind} is not understood");
        }
        client.SendDone(header.Request);
    }

    /// <summary>A client has left: nothing is kept for it.</summary>
    internal void Left(ControlClient client)
    {
        _clients.Remove(client);
        _logWaiters.RemoveAll(waiter => ReferenceEquals(waiter.Client, client));
    }

    private void Start()
    {
        if (_isStarted)
            throw new RuntimeException("start", "the container was started already");
        RequireThawed("start");
        if (_other is not null)
            _other.Start();
        else
            Init.Conversation.Start(SendFilter(_filter, HookState("created", Init.Process.Pid), Init.Process.Pid));
        Init.Conversation.Dispose();
        _isStarted = true;
        if (_hooks.Poststart.Count > 0)
            HookRunner.Run(_hooks.Poststart, HookState("running", Init.Process.Pid), "poststart");
    }

    /// <summary>A frozen process answers nothing, and we would wait for it while nobody could ask us to thaw it.</summary>
    private void RequireThawed(string step)
    {
        if (Cgroup.IsFrozen)
            throw new RuntimeException(step, "the container is paused: resume it first");
    }

    private void Signal(int signal, bool all)
    {
        if (!all)
        {
            Init.Process.Send(signal);
            return;
        }
        foreach (var pid in Cgroup.ReadPids())
        {
            try
            {
                using var process = PidFd.Open(pid);
                process.Send(signal);
            }
            catch (LinuxException failure) when (failure.Errno == Errno.ESRCH)
            {
                // It ended between the list and now.
            }
        }
    }

    private void Resize(string execId, ushort rows, ushort columns)
    {
        var streams = Streams;
        if (execId.Length > 0)
            streams = _execs.TryGetValue(execId, out var exec) ? exec.Streams : throw new RuntimeException("resize", $"exec '{execId}' does not run");
        var console = streams.Console ?? throw new RuntimeException("resize", "the process has no terminal");
        Terminal.Resize(console, rows, columns);
    }

    /// <summary>The client may die; what asks these sockets meanwhile waits in them for the next one.</summary>
    private void Keep(int pid, ReadOnlySpan<int> files)
    {
        DropKept();
        using var client = PidFd.Open(pid);
        foreach (var number in files)
            _kept.Add(client.TryTake(number) ?? throw new RuntimeException("keep", $"open file {number} of process {pid} cannot be had"));
    }

    private void DropKept()
    {
        _kept.ForEach(file => file.Dispose());
        _kept.Clear();
    }

    private void Update(ReadOnlySpan<byte> payload)
    {
        var resources = SpecDocument.ReadResources(payload.ToArray()) ?? throw new RuntimeException("update", "the limits are empty");
        ContainerGroup.Apply(Cgroup, Group.Unit, ResourceConversion.ForUpdate(resources));
    }

    private void Attach(ControlClient client, uint request, StreamChoice choice)
    {
        RequireRoom("attach");
        client.SendDone(request);
        _ = new StreamClient(_poll, client.Hijack(), Streams, choice, _launch.StdinOnce, _buffer);
    }

    private void TellLogWaiters()
    {
        var total = _log?.Total ?? 0;
        for (var i = _logWaiters.Count - 1; i >= 0; i--)
        {
            var (client, request, known) = _logWaiters[i];
            if (total <= known && _exit is null)
                continue;
            _logWaiters.RemoveAt(i);
            client.SendDone(request, ControlPayload.Number(total > known ? total : -1));
        }
    }
}
