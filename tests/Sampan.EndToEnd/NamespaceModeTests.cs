using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Namespaces that containers share with one another: <c>--ipc</c> and <c>--pid</c> with <c>container:NAME</c>.</summary>
public sealed class NamespaceModeTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_shareable_ipc_namespace_is_joined_with_its_shared_memory(string client)
    {
        var donor = NewName("donor");
        await SleeperAsync(client, donor, "--ipc", "shareable", "--shm-size", "8m");
        (await RunAsync(client, "exec", donor, "sh", "-c", "echo from the donor > /dev/shm/letter")).Succeeded();

        var seen = (await BusyboxAsync(client, "readlink /proc/self/ns/ipc; cat /dev/shm/letter; df -k /dev/shm | tail -n 1 | awk '{print $2}'; echo an answer > /dev/shm/answer", "--ipc", $"container:{donor}")).Split('\n');

        seen.ShouldBe([(await RunAsync(client, "exec", donor, "readlink", "/proc/self/ns/ipc")).Succeeded(), "from the donor", "8192"]);
        (await RunAsync(client, "exec", donor, "cat", "/dev/shm/answer")).Succeeded().ShouldBe("an answer");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_namespace_that_is_not_shared_or_not_there_is_refused(string client)
    {
        var donor = NewName("private");
        await SleeperAsync(client, donor);

        (await RunAsync(client, "run", "--rm", "--ipc", $"container:{donor}", "busybox", "true")).Ended(125).Saying("non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        (await RunAsync(client, "stop", "-t", "0", donor)).Succeeded();
        (await RunAsync(client, "run", "--rm", "--ipc", $"container:{donor}", "busybox", "true")).Ended(125).Saying("cannot join IPC namespace of a non running container");
        (await RunAsync(client, "run", "--rm", "--pid", $"container:{donor}", "busybox", "true")).Ended(125).Saying("cannot join PID namespace of a non running container");
    }
}
