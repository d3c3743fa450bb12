using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Supervision;

/// <summary>Further processes in the container.</summary>
internal sealed partial class Supervisor
{
    private readonly Dictionary<string, ExecProcess> _execs = new(StringComparer.Ordinal);

    private sealed record ExecProcess(string Id, LaunchedProcess Launched, ProcessStreams Streams) : IDisposable
    {
        public void Dispose()
        {
            Streams.Dispose();
            Launched.Conversation.Dispose();
            Launched.Process.Dispose();
        }
    }

    /// <summary>
    /// <list type="number">
    /// <item>read and check the process</item>
    /// <item>pipes</item>
    /// <item>clone into the container</item>
    /// <item>follow it until it is ready, take its terminal</item>
    /// <item>start; only now the client hears that it runs</item>
    /// <item>make the connection its stream</item>
    /// </list>
    /// </summary>
    private void Exec(ControlClient client, uint request, ReadOnlySpan<byte> payload)
    {
        if (!ControlPayload.TryReadExec(payload, out var choice, out var id, out var json))
            throw new RuntimeException("exec", "the request is not understood");
        if (!_isStarted)
            throw new RuntimeException("exec", "the container does not run yet");
        RequireThawed("exec");
        RequireRoom("exec");
        if (id.Length == 0 || _execs.ContainsKey(id))
            throw new RuntimeException("exec", $"exec '{id}' runs already");
        var plan = PlanExec(json);
        var streams = new ProcessStreams(_poll, log: null, _buffer, plan.Terminal);
        LaunchedProcess? launched = null;
        try
        {
            launched = Enter(plan, streams, choice);
            _poll.Watch(launched.Process.Descriptor, PollEvents.Input, this);
            launched.Conversation.Start(SendFilter(plan.Filter, HookState("running", Init.Process.Pid), launched.Process.Pid));
        }
        catch
        {
            if (launched is not null)
                _poll.Forget(launched.Process.Descriptor);
            launched?.Abandon();
            streams.Dispose();
            throw;
        }
        _execs.Add(id, new ExecProcess(id, launched, streams));
        client.SendDone(request, ControlPayload.Number(launched.Process.Pid));
        var socket = client.Hijack();
        if (choice == StreamChoice.None)
            socket.Dispose();
        else
            _ = new StreamClient(_poll, socket, streams, choice, closesInput: true, _buffer);
    }

    private ProcessPlan PlanExec(ReadOnlySpan<byte> json)
    {
        var process = SpecDocument.ReadProcess(json.ToArray()) ?? throw new RuntimeException("exec", "the process is empty");
        return ContainerEntry.Plan(process, _filter, ContainerEntry.Held(_namespaces));
    }

    private LaunchedProcess Enter(ProcessPlan plan, ProcessStreams streams, StreamChoice choice)
    {
        var theirs = plan.Terminal
            ? [null, null, null]
            : streams.MakePipes(choice.HasFlag(StreamChoice.Stdin), choice.HasFlag(StreamChoice.Stdout), choice.HasFlag(StreamChoice.Stderr));
        using var join = Cgroup.PrepareJoin();
        try
        {
            var (launched, console) = ContainerEntry.Enter(plan, new EntryResources { Init = Init.Process, Namespaces = _namespaces, Join = join, Streams = theirs, DiesWithLauncher = true, SessionKeyring = OciRuntime.KeyringOf(_launch.Id) });
            if (console is not null)
                streams.TakeConsole(console);
            return launched;
        }
        finally
        {
            foreach (var stream in theirs)
                stream?.Dispose();
        }
    }

    private void EndExec(ExecProcess exec, ProcessExit exit)
    {
        _execs.Remove(exec.Id);
        _poll.Forget(exec.Launched.Process.Descriptor);
        exec.Streams.Drain();
        var payload = ControlPayload.ExecExited(exec.Id, exit.ExitCode, exit.Signal);
        for (var i = _clients.Count - 1; i >= 0; i--)
            _clients[i].Send(ControlKind.ExecExited, 0, payload);
        exec.Streams.EndClients();
        exec.Launched.Conversation.Dispose();
        exec.Launched.Process.Dispose();
        if (exec.Streams.ClientCount == 0)
            exec.Streams.Dispose();
        else
            _ending.Add(exec.Streams);
    }
}
