using Sampan.Engine.Users;
using Sampand.Configuration;

namespace Sampan.Server.Tests.Configuration;

public sealed class RemapSettingsTests
{
    private const string Users = "alice:100000:65536\n# nobody:1:1\nbob:300000:1000\nbob:400000:500\n1001:500000:10\nbroken:x:5\nbroken:1\nempty:7:0\n";
    private const string Groups = "alice:200000:65536\nbob:300000:1000\ndockremap:700000:65536\n1001:500000:10\n";

    [Fact]
    public void A_user_has_his_ranges_one_after_the_other()
    {
        var map = Read("bob").Map.ShouldNotBeNull();

        map.Users.Select(one => (one.ContainerId, one.HostId, one.Size)).ShouldBe([(0u, 300000u, 1000u), (1000u, 400000u, 500u)]);
        map.Groups.Select(one => (one.ContainerId, one.HostId, one.Size)).ShouldBe([(0u, 300000u, 1000u)]);
        Read("alice:staff").Map.ShouldNotBeNull().Groups[0].HostId.ShouldBe(200000u, "Docker takes both from the user's ranges");
    }

    [Fact]
    public void A_number_is_a_user_who_may_be_written_by_name_or_number()
    {
        Read("1000").Map.ShouldNotBeNull().Users[0].HostId.ShouldBe(100000u);
        Read("1001:1001").Map.ShouldNotBeNull().Users[0].HostId.ShouldBe(500000u);
    }

    [Fact]
    public void A_range_can_be_given_itself() =>
        Read("0:100000:65536").Map.ShouldNotBeNull().ShouldSatisfyAllConditions(map => map.Users.ShouldBe(map.Groups), map => map.Users.Select(one => (one.ContainerId, one.HostId, one.Size)).ShouldBe([(0u, 100000u, 65536u)]));

    [Theory]
    [InlineData("default", "there is no range of ids for 'dockremap' in '/etc/subuid': add one to '/etc/subuid' and '/etc/subgid', such as 'dockremap:100000:65536'")]
    [InlineData("nobody", "there is no range of ids for 'nobody' in '/etc/subuid'")]
    [InlineData("broken", "there is no range of ids for 'broken' in '/etc/subuid'")]
    [InlineData("empty", "there is no range of ids for 'empty' in '/etc/subuid'")]
    [InlineData(":", "expected default, USER[:GROUP]")]
    [InlineData("a:b:c:d", "expected default, USER[:GROUP]")]
    [InlineData("5:100000:65536", "expected 0:OUTSIDE:COUNT")]
    [InlineData("0:4294967295:2", "expected 0:OUTSIDE:COUNT")]
    [InlineData("0:100000:0", "expected 0:OUTSIDE:COUNT")]
    [InlineData("0:-1:10", "expected 0:OUTSIDE:COUNT")]
    public void What_means_nobody_is_refused(string text, string why)
    {
        var (map, problem) = Read(text);

        map.ShouldBeNull();
        problem.ShouldNotBeNull().ShouldStartWith($"invalid value of 'userns-remap': '{text}': {why}");
    }

    private static (UserRemap? Map, string? Problem) Read(string text)
    {
        var problems = new List<string>();
        return (RemapSettings.Read(text, Users, Groups, id => id == 1000 ? "alice" : null, problems), problems.SingleOrDefault());
    }
}
