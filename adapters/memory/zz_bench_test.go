package memory_test
import ("testing";"strconv";"github.com/tjansteresor/tjansteresor/adapters/memory";"github.com/tjansteresor/tjansteresor/travel")
func BenchmarkZZ(b *testing.B){
 for _, n := range []int{1, 100_000} {
 keys := make([]string, 500000); for i := range keys { keys[i]=strconv.Itoa(i)}
 b.Run("nothing"+strconv.Itoa(n), func(b *testing.B){ k:=newKit(b, memory.Options{Travelers:n,Purchases:b.N}, n); b.ReportAllocs(); b.ResetTimer()
  for i:=range b.N { _=k.Decide(b.Context(), k.query(scatter(i)%n, ""), func(travel.State)(travel.Change,error){return travel.Change{},nil}) } })
 b.Run("look"+strconv.Itoa(n), func(b *testing.B){ k:=newKit(b, memory.Options{Travelers:n,Purchases:b.N}, n); b.ReportAllocs(); b.ResetTimer()
  for i:=range b.N { _=k.Decide(b.Context(), k.query(scatter(i)%n, keys[i]), func(travel.State)(travel.Change,error){return travel.Change{},nil}) } })
 b.Run("traveler"+strconv.Itoa(n), func(b *testing.B){ k:=newKit(b, memory.Options{Travelers:n,Purchases:b.N}, n); b.ReportAllocs(); b.ResetTimer()
  for i:=range b.N { _=k.Decide(b.Context(), k.query(scatter(i)%n, ""), func(s travel.State)(travel.Change,error){return travel.Change{Traveler:&s.Traveler},nil}) } })
 b.Run("command"+strconv.Itoa(n), func(b *testing.B){ k:=newKit(b, memory.Options{Travelers:n,Purchases:b.N}, n); b.ReportAllocs(); 
  cs := make([]travel.Command, b.N); for i := range cs { cs[i]=*k.command(keys[i]) }
  b.ResetTimer()
  for i:=range b.N { _=k.Decide(b.Context(), k.query(scatter(i)%n, keys[i]), func(s travel.State)(travel.Change,error){return travel.Change{Command:&cs[i]},nil}) } })
 b.Run("authorization"+strconv.Itoa(n), func(b *testing.B){ k:=newKit(b, memory.Options{Travelers:n,Purchases:b.N}, n); b.ReportAllocs(); 
  cs := make([]travel.Authorization, b.N); for i := range cs { cs[i].ID=k.ids.New() }
  b.ResetTimer()
  for i:=range b.N { _=k.Decide(b.Context(), k.query(scatter(i)%n, ""), func(s travel.State)(travel.Change,error){return travel.Change{Authorization:&cs[i]},nil}) } })
 }
}
