/** Lists that demo customers are drawn from: character and pinyin; city and the region code of the city as a whole. */
const pairs = (text: string) => text.split(' ').map((pair) => pair.split(':') as [character: string, pinyin: string])

export const familyNames = pairs(
  '王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 吴:wu 周:zhou 徐:xu 孙:sun 马:ma 朱:zhu 胡:hu 郭:guo ' +
    '何:he 林:lin 高:gao 罗:luo 郑:zheng 梁:liang 谢:xie 宋:song 唐:tang 许:xu 韩:han 冯:feng 邓:deng 曹:cao 彭:peng ' +
    '曾:zeng 肖:xiao 田:tian 董:dong 潘:pan 袁:yuan 蔡:cai 蒋:jiang 余:yu 于:yu 杜:du 叶:ye 程:cheng 魏:wei 苏:su 吕:lü ' +
    '丁:ding 任:ren 卢:lu 姚:yao 沈:shen 钟:zhong 姜:jiang 崔:cui 谭:tan 陆:lu 范:fan 汪:wang 廖:liao 欧阳:ouyang 司马:sima',
).map(([character, pinyin]) => [character, pinyin.replace('ü', 'v')] as const)

export const givenCharacters = {
  male: pairs(
    '伟:wei 强:qiang 磊:lei 军:jun 勇:yong 杰:jie 涛:tao 明:ming 超:chao 刚:gang 平:ping 辉:hui 鹏:peng 华:hua 飞:fei ' +
      '鑫:xin 波:bo 斌:bin 宇:yu 浩:hao 凯:kai 健:jian 俊:jun 帆:fan 帅:shuai 旭:xu 宁:ning 龙:long 林:lin 博:bo 晨:chen ' +
      '阳:yang 建:jian 国:guo 志:zhi 海:hai 文:wen 峰:feng 子:zi 轩:xuan 然:ran 泽:ze 毅:yi',
  ),
  female: pairs(
    '芳:fang 娜:na 敏:min 静:jing 丽:li 艳:yan 娟:juan 霞:xia 燕:yan 玲:ling 婷:ting 雪:xue 慧:hui 颖:ying 琳:lin 洁:jie ' +
      '莉:li 红:hong 梅:mei 倩:qian 丹:dan 萍:ping 晶:jing 云:yun 兰:lan 欣:xin 怡:yi 佳:jia 雨:yu 萌:meng 月:yue 秀:xiu ' +
      '英:ying 玉:yu 思:si 诗:shi 涵:han 悦:yue 瑶:yao 珊:shan 宁:ning 文:wen 晓:xiao',
  ),
}

export const cities = [
  { name: '北京市', pinyin: 'Beijing', region: '110100' },
  { name: '上海市', pinyin: 'Shanghai', region: '310100' },
  { name: '广东省广州市', pinyin: 'Guangzhou', region: '440100' },
  { name: '广东省深圳市', pinyin: 'Shenzhen', region: '440300' },
  { name: '浙江省杭州市', pinyin: 'Hangzhou', region: '330100' },
  { name: '江苏省南京市', pinyin: 'Nanjing', region: '320100' },
  { name: '江苏省苏州市', pinyin: 'Suzhou', region: '320500' },
  { name: '四川省成都市', pinyin: 'Chengdu', region: '510100' },
  { name: '湖北省武汉市', pinyin: 'Wuhan', region: '420100' },
  { name: '陕西省西安市', pinyin: 'Xian', region: '610100' },
  { name: '山东省青岛市', pinyin: 'Qingdao', region: '370200' },
  { name: '湖南省长沙市', pinyin: 'Changsha', region: '430100' },
  { name: '福建省厦门市', pinyin: 'Xiamen', region: '350200' },
  { name: '辽宁省大连市', pinyin: 'Dalian', region: '210200' },
  { name: '重庆市', pinyin: 'Chongqing', region: '500100' },
]

export const streets =
  '人民路 中山路 解放路 建设路 和平路 新华路 文化路 长江路 黄河路 滨江大道 科技路 花园路 湖滨路 学府路'.split(' ')

export const tags = ['vip', 'new', 'overdue', 'renewal', 'complaint', 'referral', 'business', 'retired']
